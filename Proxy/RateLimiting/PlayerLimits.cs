using System.Net;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using GameStack.ServiceDefaults.Listening;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// How often an address may call for one player, and how many new players it may bring in. A new player becomes part of a match, which
/// takes a game server for a minute even if there is no such player.
/// </summary>
internal sealed class PlayerLimits(IOptions<RateLimitOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>
    /// The players of an address share so many buckets by their hash, so that nobody can make the proxy keep one for each of a million
    /// names. The players of one bucket are few even where a thousand play.
    /// </summary>
    private const int BucketsPerAddress = 4096;

    private readonly KnownPlayers _known = new(time);

    private readonly PartitionedRateLimiter<Bucket>? _calls = options.Value.PlayerCallsPerSecond <= 0 ? null
        : PartitionedRateLimiter.Create<Bucket, Bucket>(
            bucket => TokenBuckets.For(bucket, options.Value.PlayerCallsPerSecond, options.Value.PlayerBurst));

    private readonly PartitionedRateLimiter<IPAddress>? _newPlayers = options.Value.NewPlayersPerSecond <= 0 ? null
        : TokenBuckets.ByAddress<IPAddress>(
            address => new AddressLimit(address, options.Value.NewPlayersPerSecond, options.Value.NewPlayersBurst));

    public bool Limits(IPAddress address) => options.Value.Limits(address);

    /// <summary>Counts a call for a player. Returns null if it may pass.</summary>
    public RateLimitLease? CountCall(IPAddress address, string playerId) => _calls is null
        ? null
        : Refusal(_calls.AttemptAcquire(
            new Bucket(NetworkOf(address), (uint)playerId.GetHashCode(StringComparison.Ordinal) % BucketsPerAddress)));

    /// <summary>Counts a join, unless the player has joined from there lately. Returns null if it may pass.</summary>
    /// <param name="address">Where the join comes from.</param>
    /// <param name="playerId">The player; null for a join that cannot be read, which counts as one of a new player.</param>
    public RateLimitLease? CountJoin(IPAddress address, string? playerId)
    {
        if (_newPlayers is null || (playerId is not null && _known.Returns(NetworkOf(address), playerId)))
            return null;

        var refusal = Refusal(_newPlayers.AttemptAcquire(address));
        if (refusal is null && playerId is not null)
            _known.Add(NetworkOf(address), playerId);
        return refusal;
    }

    public void Dispose()
    {
        _calls?.Dispose();
        _newPlayers?.Dispose();
    }

    private static IPAddress NetworkOf(IPAddress address) => ClientNetwork.Of(address).Addresses.BaseAddress;

    private static RateLimitLease? Refusal(RateLimitLease lease)
    {
        if (!lease.IsAcquired)
            return lease;

        lease.Dispose();
        return null;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Bucket(IPAddress Network, uint Number);
}
