using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Proxy.CrossOrigin;

/// <summary>Where a web page comes from, as browsers write it: <c>https://play.example.com</c> or <c>http://localhost:3000</c>.</summary>
/// <param name="Scheme">In lower case.</param>
/// <param name="Authority">The host in lower case, and the port unless it is the scheme's own.</param>
internal sealed record WebOrigin(string Scheme, string Authority)
{
    /// <summary>What an origin does not have: a path, a query, a fragment or white space.</summary>
    private static readonly SearchValues<char> Beyond = SearchValues.Create("/?#\\ \t\r\n");

    public static bool TryParse(string? text, [NotNullWhen(true)] out WebOrigin? origin)
    {
        origin = null;
        if (text is null
            || !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Host.Length == 0
            || uri.UserInfo.Length > 0
            || !HasOnlySchemeAndAuthority(text)
            || Uri.CheckHostName(uri.Host) == UriHostNameType.Unknown
            || HttpUrl.AsciiHost(uri) is not { } host)
        {
            return false;
        }

        origin = new WebOrigin(uri.Scheme, uri.IsDefaultPort ? host : $"{host}:{uri.Port}");
        return true;
    }

    /// <summary>
    /// Whether a page of this origin was loaded from the address that a request was sent to. A page that was loaded over TLS may send
    /// requests that arrive here without TLS: the load balancer that terminates TLS does not always say so.
    /// </summary>
    public bool IsAt(WebOrigin target) =>
        Authority == target.Authority
        && (Scheme == target.Scheme || (Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp));

    public override string ToString() => $"{Scheme}://{Authority}";

    private static bool HasOnlySchemeAndAuthority(string text)
    {
        var authority = text.IndexOf("://", StringComparison.Ordinal) + Uri.SchemeDelimiter.Length;
        return authority >= Uri.SchemeDelimiter.Length && !text.AsSpan(authority).ContainsAny(Beyond);
    }
}
