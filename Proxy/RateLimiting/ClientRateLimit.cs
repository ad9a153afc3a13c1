using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace GameStack.Proxy.RateLimiting;

/// <summary>One token bucket per client address. A client over its limit gets 429, with <c>Retry-After</c>.</summary>
internal static class ClientRateLimit
{
    public const string Policy = "client";

    public static void AddClientRateLimit(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(RateLimitOptions.Section).Get<RateLimitOptions>() ?? new RateLimitOptions();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.OnRejected = RejectAsync;
            limiter.AddPolicy(Policy, context => Partition(context, options));
        });
    }

    private static RateLimitPartition<IPAddress> Partition(HttpContext context, RateLimitOptions options)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (options.PermitsPerSecond <= 0 || (IPAddress.IsLoopback(address) && !options.LimitLoopback))
            return RateLimitPartition.GetNoLimiter(IPAddress.None);

        return RateLimitPartition.GetTokenBucketLimiter(ClientAddress.NetworkOf(address), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(options.Burst, options.PermitsPerSecond),
            TokensPerPeriod = options.PermitsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });
    }

    private static ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var context = rejected.HttpContext;
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var asked) ? asked : TimeSpan.Zero;
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return new ValueTask(Problem.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many calls from this address."));
    }
}
