using GameStack.Contracts.Settings;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Decides which senders the proxy trusts to name the client: none, unless <c>TrustedProxies</c> lists the networks of the load balancers
/// in front (<c>10.0.0.0/8,fd00::/8</c>). Without this setting, the rate limit counts all clients behind one load balancer as one client.
/// </summary>
internal static class TrustedProxies
{
    private const string Setting = "TrustedProxies";

    public static void AddTrustedProxies(this WebApplicationBuilder builder)
    {
        var networks = Read(builder.Configuration);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = networks.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.ForwardLimit = null;

            // ASP.NET Core trusts loopback by default; the proxy trusts only the networks in the setting.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks)
            {
                options.KnownIPNetworks.Add(network);
            }
        });
    }

    /// <exception cref="SettingException">A part of the setting is no network.</exception>
    private static List<IPNetwork> Read(ConfigurationManager configuration)
    {
        var networks = new List<IPNetwork>();
        var setting = configuration[Setting] ?? "";
        foreach (var text in setting.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IPNetwork.TryParse(text, out var network))
                throw SettingException.For(Setting, setting, "networks such as 10.0.0.0/8,fd00::/8 (a single address is 10.0.0.7/32)");

            networks.Add(network);
        }

        return networks;
    }
}
