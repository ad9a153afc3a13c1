using Microsoft.AspNetCore.HttpOverrides;

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
        var networks = (builder.Configuration[Setting] ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = networks.Length == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.ForwardLimit = null;

            // ASP.NET Core trusts loopback by default; the proxy trusts only the networks in the setting.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks)
            {
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
            }
        });
    }
}
