using System.Globalization;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.LoadTester.Run;

/// <summary>Parses the text of settings; null means that the text is not valid.</summary>
internal static class SettingText
{
    private const string Tls = "tls://";

    public static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1_000_000
            ? count
            : null;

    public static double? Number(string text, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most
            ? number
            : null;

    public static Uri? Url(string text) => HttpUrl.TryParse(text.TrimEnd('/'));

    /// <summary>
    /// <c>play.example.com:7777</c>, or <c>tls://play.example.com:7777</c> for a gateway with TLS; an IPv6 host is in brackets.
    /// </summary>
    public static GatewayAddress? Address(string text)
    {
        var hasTls = text.StartsWith(Tls, StringComparison.OrdinalIgnoreCase);
        var address = hasTls ? text[Tls.Length..] : text;
        return address.LastIndexOf(':') is > 0 and var colon
            && HostAddressAttribute.TryParse(address[..colon]) is { } host
            && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
                ? new GatewayAddress(host, port, hasTls)
                : null;
    }

    public static string? Path(string text) => text.Length > 0 ? text : null;

    /// <summary>One of <typeparamref name="T"/>'s names, in upper or lower case; a number is not accepted.</summary>
    public static T? OneOf<T>(string text)
        where T : struct, Enum =>
        char.IsAsciiLetter(text.FirstOrDefault()) && Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : null;
}
