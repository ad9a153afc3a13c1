using System.Threading.RateLimiting;

namespace GameStack.Proxy.RateLimiting;

internal static class TokenBuckets
{
    /// <summary>A bucket for this key, which is forgotten when it has been full for a few seconds.</summary>
    public static RateLimitPartition<TKey> For<TKey>(TKey key, int perSecond, int burst)
        where TKey : notnull => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(burst, perSecond),
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });
}
