using System.Globalization;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Listening.ProxyProtocol;

/// <summary>The section <c>ProxyProtocol</c> of the configuration.</summary>
internal sealed class ProxyProtocolOptions
{
    public const string Section = "ProxyProtocol";

    /// <summary>
    /// The ports on which the load balancers in <c>TrustedProxies</c> begin each connection with a PROXY header, such as <c>8080</c> or
    /// <c>8080,8443</c>. Not all ports: the probes of Kubernetes send no such header, and may come from the same network.
    /// </summary>
    public string? Ports { get; set; }

    public bool IsOn => !string.IsNullOrWhiteSpace(Ports);

    /// <summary>Null if <see cref="Ports"/> are not ports.</summary>
    internal IReadOnlySet<int>? ReadPorts()
    {
        var ports = new HashSet<int>();
        foreach (var text in (Ports ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                return null;
            ports.Add(port);
        }

        return ports;
    }

    public sealed class Check(IOptions<ForwardedHeadersOptions> trusted) : IValidateOptions<ProxyProtocolOptions>
    {
        public ValidateOptionsResult Validate(string? name, ProxyProtocolOptions options) => options switch
        {
            _ when options.ReadPorts() is null => ValidateOptionsResult.Fail(
                $"ProxyProtocol__Ports is \"{options.Ports}\"; expected ports from 1 to 65535, separated by commas."),
            { IsOn: true } when trusted.Value.KnownIPNetworks.Count == 0 => ValidateOptionsResult.Fail(
                $"ProxyProtocol__Ports is \"{options.Ports}\"; expected TrustedProxies, too: the networks of the load balancers."),
            _ => ValidateOptionsResult.Success,
        };
    }
}
