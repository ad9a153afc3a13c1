using System.Net;

namespace GameStack.LoadTester.Stack;

/// <summary>The result of one HTTP call: a value, or a short reason why there is none.</summary>
internal readonly record struct ApiAnswer<T>
    where T : class
{
    private ApiAnswer(T? value, string? fault, HttpStatusCode? status, TimeSpan? retryAfter, bool isUnreached = false) =>
        (Value, Fault, Status, RetryAfter, IsUnreached) = (value, fault, status, retryAfter, isUnreached);

    public T? Value { get; }

    /// <summary>
    /// One of a few texts, without addresses or ids, so that faults can be counted: <c>503</c>, <c>refused</c>, <c>no answer in 5 s</c>.
    /// </summary>
    public string? Fault { get; }

    /// <summary>Null if there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether no connection could be opened, so that the server does not know of the call.</summary>
    public bool IsUnreached { get; }

    /// <summary>Whether the same call may succeed a moment later.</summary>
    public bool MayPass => Fault is not (null or NetworkFault.TooManyOpenFiles)
        && Status is null or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    public static ApiAnswer<T> Of(T value) => new(value, null, HttpStatusCode.OK, null);

    public static ApiAnswer<T> Refused(HttpStatusCode status, TimeSpan? retryAfter) => new(null, $"{(int)status}", status, retryAfter);

    /// <summary>The same fault, as the answer to another call.</summary>
    public ApiAnswer<TOther> As<TOther>()
        where TOther : class =>
        new(null, Fault, Status, RetryAfter, IsUnreached);

    public static ApiAnswer<T> Unreadable() => new(null, "unreadable answer", HttpStatusCode.OK, null);

    public static ApiAnswer<T> Unanswered(string fault) => new(null, fault, null, null);

    public static ApiAnswer<T> Unreached(string fault) => new(null, fault, null, null, isUnreached: true);
}
