using System.Globalization;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Listening;
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

    /// <summary>The gateway's port, if there is a gateway; it is set in code.</summary>
    internal int? GatewayPort { get; set; }

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

    public sealed class Check(IOptions<ForwardedHeadersOptions> trusted, IConfiguration configuration)
        : IValidateOptions<ProxyProtocolOptions>
    {
        public ValidateOptionsResult Validate(string? name, ProxyProtocolOptions options)
        {
            if (options.ReadPorts() is not { } ports)
                return Fail(options, "ports from 1 to 65535, separated by commas");

            if (options.IsOn && trusted.Value.KnownIPNetworks.Count == 0)
                return Fail(options, "TrustedProxies, too: the networks of the load balancers");

            HashSet<int> listening = [.. ListenAddresses.PortsOf(configuration)];
            if (options.GatewayPort is { } gateway)
                listening.Add(gateway);
            return ports.IsSubsetOf(listening)
                ? ValidateOptionsResult.Success
                : Fail(options, $"ports that the proxy listens on: {string.Join(',', listening.Order())}");
        }

        private static ValidateOptionsResult Fail(ProxyProtocolOptions options, string expected) =>
            ValidateOptionsResult.Fail(SettingException.Line($"{Section}:{nameof(Ports)}", options.Ports, expected));
    }
}
