using System.Globalization;
using System.Net;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The address that players got, as a pod's annotation has it: <c>192.0.2.1:30001</c>, <c>2001:db8::1:30001</c>.</summary>
internal readonly record struct PlayerAddress(string Host, int Port)
{
    /// <summary>The longest host name of the DNS; resolvers throw at longer ones.</summary>
    private const int LongestHost = 253;

    /// <summary>Null if the text is no address that anybody could connect to: somebody has edited it.</summary>
    public static PlayerAddress? TryParse(string? text)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        return colon is > 0 and <= LongestHost
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > IPEndPoint.MinPort and <= IPEndPoint.MaxPort
            && HostAddressAttribute.TryParse(text![..colon]) is { } host
                ? new(host, port)
                : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
