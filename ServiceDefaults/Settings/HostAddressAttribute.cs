using System.ComponentModel.DataAnnotations;
using System.Net;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>Requires a host name or an IP address, without a port. An IPv6 address may be in brackets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HostAddressAttribute : ValidationAttribute
{
    public HostAddressAttribute() => ErrorMessage = "a host name or an IP address, without a port";

    /// <summary>
    /// Whether other machines must be able to use the host: that excludes <c>0.0.0.0</c>, <c>::</c> and addresses with a zone.
    /// </summary>
    public bool ForOthers { get; init; }

    public override bool IsValid(object? value) => value is string text && TryParse(text) is { } host && !(ForOthers && IsOnlyLocal(host));

    /// <summary>The host without the brackets of an IPv6 address, as sockets and resolvers expect it; null if it is not a host.</summary>
    public static string? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isBracketed = text is ['[', .., ']'];
        var host = isBracketed ? text[1..^1] : text;
        var kind = Uri.CheckHostName(host);
        return kind == UriHostNameType.Unknown || (isBracketed && kind != UriHostNameType.IPv6) ? null : host;
    }

    private static bool IsOnlyLocal(string host) =>
        host.Contains('%', StringComparison.Ordinal)
        || (IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
