using Microsoft.AspNetCore.HttpOverrides;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Whose word is taken for who the client is: nobody's, unless <c>TrustedProxies</c> names the networks of the load balancers in front
/// (<c>10.0.0.0/8,fd00::/8</c>). Without it, all clients behind one are the same client to the rate limit.
/// </summary>
internal static class TrustedProxies
{
    private const string Setting = "TrustedProxies";

    public static void AddTrustedProxies(this WebApplicationBuilder builder)
    {
        var networks = (builder.Configuration[Setting] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = networks.Length == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.ForwardLimit = null;

            // Loopback is trusted by default; here it is only what the setting says.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks)
            {
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
            }
        });
    }
}
