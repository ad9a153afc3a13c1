namespace GameStack.ServiceDefaults.Settings;

/// <summary>Settings that are URLs of HTTP servers.</summary>
public static class HttpUrl
{
    /// <summary>Null if the text is not an absolute <c>http</c> or <c>https</c> URL with a host and without query and fragment.</summary>
    public static Uri? TryParse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https" && url is { Host.Length: > 0, Query.Length: 0, Fragment.Length: 0 }
            ? url
            : null;
}
