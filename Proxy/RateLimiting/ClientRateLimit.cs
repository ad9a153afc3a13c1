using System.Net;
using GameStack.Proxy.Forwarding;
using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// Token buckets per client address: one for the calls of its players, and one for its other calls, such as the end of a match. A
/// client over its limit gets 429, with <c>Retry-After</c>.
/// </summary>
internal static class ClientRateLimit
{
    /// <summary>What another call costs, in calls of a player.</summary>
    public const int WeightOfOtherCalls = 15;

    public static void AddClientRateLimit(this WebApplicationBuilder builder)
    {
        builder.AddSettings<RateLimitOptions>(RateLimitOptions.Section);
        builder.Services.AddSingleton<PlayerLimits>();
        builder.Services.AddRateLimiter(limiter => limiter.OnRejected = (rejected, _) => new ValueTask(
            TooManyCalls.AnswerAsync(rejected.HttpContext, rejected.Lease, "Too many calls from this address.")));
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>(
            (limiter, options) => limiter.GlobalLimiter = TokenBuckets.ByAddress<HttpContext>(call => LimitOf(call, options.Value)));
    }

    /// <summary>Limits the calls of these endpoints.</summary>
    public static void LimitByClient(this IEndpointConventionBuilder endpoints) => endpoints.WithMetadata(new Limited());

    /// <summary>Whether the limits hold for this client.</summary>
    public static bool Limits(this RateLimitOptions options, IPAddress address) => options.LimitLoopback || !IPAddress.IsLoopback(address);

    private static AddressLimit? LimitOf(HttpContext call, RateLimitOptions options)
    {
        var address = call.Connection.RemoteIpAddress ?? IPAddress.None;
        if (call.GetEndpoint()?.Metadata is not { } endpoint || endpoint.GetMetadata<Limited>() is null
            || options.PermitsPerSecond <= 0 || !options.Limits(address))
        {
            return null;
        }

        // What is not forwarded is /play, with which a player connects to a match, once.
        var isOfPlayer = endpoint.GetMetadata<RouteModel>() is not { } route || ForwardingRoutes.AreOfPlayer.Contains(route.Config.RouteId);
        var weight = isOfPlayer ? 1 : WeightOfOtherCalls;
        return new AddressLimit(
            address, Math.Max(1, options.PermitsPerSecond / weight), Math.Max(1, options.Burst / weight), isOfPlayer ? "player" : "other");
    }

    private sealed class Limited;
}
