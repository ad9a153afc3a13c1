using GameStack.Contracts.Api;

namespace GameStack.Proxy.FrontDoor;

/// <summary>How much a client may send.</summary>
internal static class RequestLimits
{
    public const int MaxBodyBytes = RequestBody.MaxBytes;

    /// <summary>The size of all headers together; a larger size is answered with 431.</summary>
    public const int MaxHeaderBytes = 16 * 1024;

    /// <summary>The number of headers; a larger number is answered with 431.</summary>
    public const int MaxHeaders = 64;

    /// <summary>The method, address and query; the longest player id takes 1.5 KiB of these. A longer line is answered with 414.</summary>
    public const int MaxRequestLineBytes = 4 * 1024;
}
