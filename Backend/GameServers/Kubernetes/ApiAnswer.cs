using System.Net;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The API server's answer, or why there is none.</summary>
/// <param name="Value">Null when the API server refused, or could not be reached.</param>
/// <param name="Refused">
/// The status of a refusal; null when the API server could not be reached or was too slow, even after retries.
/// </param>
/// <param name="Reason">Why there is no value, in one sentence; empty when there is one.</param>
internal readonly record struct ApiAnswer<T>(T? Value, HttpStatusCode? Refused = null, string Reason = "")
    where T : class;
