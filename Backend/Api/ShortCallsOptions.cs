using System.ComponentModel.DataAnnotations;

namespace GameStack.Backend.Api;

/// <summary>The settings of the section <c>ShortCalls</c>.</summary>
internal sealed class ShortCallsOptions
{
    public const string Section = "ShortCalls";

    /// <summary>
    /// The one of the backend's ports that speaks only HTTP/2 without TLS, for the proxies' short calls: many of these share a connection,
    /// which costs both sides less. Null for none.
    /// </summary>
    [Range(1, 65535)]
    public int? Port { get; set; }
}
