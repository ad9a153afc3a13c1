using System.Net;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using GameStack.Proxy.Forwarding;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// One token bucket per client address for the calls of its players, and one for its other calls, such as the list of all matches. A client
/// over its limit gets 429, with <c>Retry-After</c>.
/// </summary>
internal static class ClientRateLimit
{
    public const string Policy = "client";

    /// <summary>What another call costs, in calls of a player.</summary>
    public const int WeightOfOtherCalls = 15;

    public static void AddClientRateLimit(this WebApplicationBuilder builder)
    {
        builder.AddSettings<RateLimitOptions>(RateLimitOptions.Section);
        builder.Services.AddSingleton<PlayerLimits>();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.OnRejected = (rejected, _) => new ValueTask(
                TooManyCalls.AnswerAsync(rejected.HttpContext, rejected.Lease, "Too many calls from this address."));
            limiter.AddPolicy(Policy, Partition);
        });
    }

    /// <summary>Whether the limits hold for this client.</summary>
    public static bool Limits(this RateLimitOptions options, IPAddress address) => options.LimitLoopback || !IPAddress.IsLoopback(address);

    private static RateLimitPartition<Key> Partition(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value;
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (options.PermitsPerSecond <= 0 || !options.Limits(address))
            return RateLimitPartition.GetNoLimiter(new Key(IPAddress.None, IsOfPlayer: false));

        var isOfPlayer = context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config.RouteId is { } route
            && ForwardingRoutes.AreOfPlayer.Contains(route);
        var weight = isOfPlayer ? 1 : WeightOfOtherCalls;
        return TokenBuckets.For(
            new Key(ClientAddress.NetworkOf(address), isOfPlayer),
            Math.Max(1, options.PermitsPerSecond / weight),
            Math.Max(1, options.Burst / weight));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(IPAddress Network, bool IsOfPlayer);
}
