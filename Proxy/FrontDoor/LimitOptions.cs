namespace GameStack.Proxy.FrontDoor;

/// <summary>The settings in the section <c>Limits</c>: how much a client may send, and how slowly.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>A body holds one player id; a longer body is answered with 413.</summary>
    public int MaxBodyBytes { get; set; } = 16 * 1024;

    /// <summary>The size of all headers together; a larger size is answered with 431.</summary>
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    /// <summary>The number of headers; a larger number is answered with 431.</summary>
    public int MaxHeaders { get; set; } = 64;

    /// <summary>The method, address and query; the longest player id takes 1.5 KiB of these. A longer line is answered with 414.</summary>
    public int MaxRequestLineBytes { get; set; } = 4 * 1024;

    /// <summary>The time from the first byte of a request to its last header; a slower request is answered with 408.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection without a request is kept open.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(120);
}
