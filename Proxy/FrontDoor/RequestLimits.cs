namespace GameStack.Proxy.FrontDoor;

/// <summary>How much a client may send, and how slowly.</summary>
internal static class RequestLimits
{
    /// <summary>A body holds one player id; a longer body is answered with 413.</summary>
    public const int MaxBodyBytes = 16 * 1024;

    /// <summary>The size of all headers together; a larger size is answered with 431.</summary>
    public const int MaxHeaderBytes = 16 * 1024;

    /// <summary>The number of headers; a larger number is answered with 431.</summary>
    public const int MaxHeaders = 64;

    /// <summary>The method, address and query; the longest player id takes 1.5 KiB of these. A longer line is answered with 414.</summary>
    public const int MaxRequestLineBytes = 4 * 1024;

    /// <summary>The setting that overrides <see cref="HeadersTimeout"/>, as <c>hh:mm:ss</c>.</summary>
    public const string HeadersTimeoutSetting = "Limits:HeadersTimeout";

    /// <summary>The time from the first byte of a request to its last header; a slower request is answered with 408.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection without a request is kept open.</summary>
    public static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(120);
}
