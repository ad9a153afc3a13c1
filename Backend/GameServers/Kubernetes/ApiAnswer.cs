using System.Net;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>What the API server answered, or why it did not.</summary>
/// <param name="Value">Null when it refused, or could not be reached.</param>
/// <param name="Refused">The status of a refusal; null when it could not be reached, or was too slow, again and again.</param>
/// <param name="Reason">One sentence; empty when there is a value.</param>
internal readonly record struct ApiAnswer<T>(T? Value, HttpStatusCode? Refused, string Reason)
    where T : class
{
    public static ApiAnswer<T> Of(T value) => new(value, Refused: null, "");

    public static ApiAnswer<T> RefusedWith(HttpStatusCode status, string reason) => new(Value: null, status, reason);

    public static ApiAnswer<T> Unavailable(string reason) => new(Value: null, Refused: null, reason);
}
