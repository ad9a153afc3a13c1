namespace GameStack.ServiceDefaults.Settings;

/// <summary>Settings that are URLs of HTTP servers.</summary>
public static class HttpUrl
{
    /// <summary>Null if the text is not an absolute <c>http</c> or <c>https</c> URL with a host and without query and fragment.</summary>
    public static Uri? TryParse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https" && url is { Host.Length: > 0, Query.Length: 0, Fragment.Length: 0 } && AsciiHost(url) is not null
            ? url
            : null;

    /// <summary>
    /// The host as it is looked up, and as browsers send it; null for an international name without an ASCII form, such as
    /// <c>xn--é.com</c>, for which <see cref="Uri"/> itself throws.
    /// </summary>
    public static string? AsciiHost(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        try
        {
            // For IPv6, IdnHost lacks the brackets.
            return url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }
}
