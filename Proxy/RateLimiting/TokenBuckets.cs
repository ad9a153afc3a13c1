using System.Net;
using System.Threading.RateLimiting;
using GameStack.ServiceDefaults.Listening;

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

    /// <summary>
    /// Buckets for the networks of an address (<see cref="ClientNetwork"/>). What the smaller network may not do takes nothing from the
    /// larger one, in which there may be other clients.
    /// </summary>
    /// <param name="limitOf">Returns null for what has no limit.</param>
    public static PartitionedRateLimiter<TCall> ByAddress<TCall>(Func<TCall, AddressLimit?> limitOf)
    {
        return PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<TCall, (IPNetwork, string)>(call => Bucket(limitOf(call), address => ClientNetwork.Of(address))),
            PartitionedRateLimiter.Create<TCall, (IPNetwork, string)>(call => Bucket(limitOf(call), ClientNetwork.Around)));

        static RateLimitPartition<(IPNetwork, string)> Bucket(AddressLimit? limit, Func<IPAddress, ClientNetwork?> networkOf) =>
            limit is { } some && networkOf(some.Address) is { } network
                ? For((network.Addresses, some.Kind), some.PerSecond * network.Shares, some.Burst * network.Shares)
                : RateLimitPartition.GetNoLimiter((default(IPNetwork), ""));
    }
}
