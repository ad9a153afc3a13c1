using System.Net;
using GameStack.Proxy.RateLimiting;
using GameStack.ServiceDefaults.Listening;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// What the clients of the proxy may hold at once. A connection and its call take two descriptors, since the call goes on to a backend, and
/// one address has at most its share. Calls count by themselves, too: a load balancer sends the calls of many clients, and HTTP/2 sends
/// many calls over one connection.
/// </summary>
internal static class HeldSlots
{
    private const int DescriptorsPerConnection = 2;

    public static void AddHeldSlots(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<ListeningCost>(cost =>
        {
            cost.DescriptorsPerConnection = DescriptorsPerConnection;
            cost.OwnDescriptors += BackendConnectionsReserve;
        });
        builder.Services.AddSingleton(Share);
        builder.Services.AddSingleton<CallSlots>();
    }

    /// <summary>Connections to backends beyond one for each client: idle ones to another backend.</summary>
    public const int BackendConnectionsReserve = 32;

    private static AddressShare Share(IServiceProvider services)
    {
        var limitLoopback = services.GetRequiredService<IOptions<RateLimitOptions>>().Value.LimitLoopback;
        var balancers = services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.KnownIPNetworks;
        return new AddressShare(services.GetRequiredService<IOptions<LimitsOptions>>().Value.AddressShare, HasLimit);

        bool HasLimit(IPAddress address)
        {
            var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return (limitLoopback || !IPAddress.IsLoopback(plain)) && !balancers.Any(network => network.Contains(plain));
        }
    }
}
