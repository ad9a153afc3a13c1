namespace GameStack.Proxy.FrontDoor;

/// <summary>Section <c>Limits</c>: how much a client may send, and how slowly.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>A body is a player id; more is answered 413.</summary>
    public int MaxBodyBytes { get; set; } = 16 * 1024;

    /// <summary>All headers together; more is answered 431.</summary>
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    /// <summary>More is answered 431.</summary>
    public int MaxHeaders { get; set; } = 64;

    /// <summary>Method, address and query; the longest player id takes 1.5 KiB of it. More is answered 414.</summary>
    public int MaxRequestLineBytes { get; set; } = 4 * 1024;

    /// <summary>From the first byte of a request to the last of its headers; later ones are answered 408.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection without a request is kept.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(120);
}
