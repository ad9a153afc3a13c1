using GameStack.Backend.Records;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Brings to Redis what it does not know: it was unavailable meanwhile, or has lost its data.</summary>
internal sealed class RedisReturn(RedisScriptRunner scripts, RedisHeartbeat heartbeat, RedisRights rights, TimeProvider time)
{
    private const int PlayersAtOnce = 200;

    /// <summary>Long enough for every backend to notice that Redis is available again.</summary>
    private static readonly TimeSpan ReopeningPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Long enough for a slow backend to bring in the players who wait in its memory, and longer than the time between two hand-backs.
    /// </summary>
    private static readonly TimeSpan Returning = TimeSpan.FromSeconds(10);

    /// <summary>Call this before anything else when Redis is available again. Returns whether Redis has lost data.</summary>
    /// <param name="lost">Whether this backend has seen that data is missing.</param>
    /// <param name="brief">Whether there was no outage, or one too brief for a backend to match in memory.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    public async Task<bool> ReopenAsync(bool lost, bool brief, CancellationToken cancellationToken)
    {
        // A backend that would have to stop again must not keep the others from forming matches.
        await rights.CheckAsync(cancellationToken);
        var answer = (RedisValue[])(await scripts.WriteUnderAnyEpochAsync(RedisScripts.Reopen, cancellationToken,
            scripts.Epoch, Guid.NewGuid().ToString(), lost, (long)ReopeningPause.TotalMilliseconds, (long)Returning.TotalMilliseconds,
            heartbeat.KnownWrites, brief))!;
        heartbeat.CountFrom((long)answer[2]);
        scripts.Epoch = answer[0]!;
        return (bool)answer[1];
    }

    /// <summary>
    /// The players as Redis has them, also while backends return, when other calls take an unknown player for one who waits.
    /// </summary>
    public async Task<IReadOnlyList<PlayerState>> FindAsync(IEnumerable<string> players, CancellationToken cancellationToken)
    {
        List<PlayerState> found = [];
        foreach (var batch in players.Chunk(PlayersAtOnce))
        {
            var states = ReadStates(await scripts.ReadAsync(
                RedisScripts.Find, cancellationToken, ["exact", .. batch.Select(player => (RedisValue)player)]));
            found.AddRange(states.Select(read => read()));
        }

        return found;
    }

    /// <summary>Returns those of the matches that are not live in Redis.</summary>
    public async Task<IReadOnlyList<Guid>> FindMissedEndsAsync(IReadOnlyCollection<Guid> matches, CancellationToken cancellationToken)
    {
        var over = (string[])(await scripts.ReadAsync(RedisScripts.Missed, cancellationToken, [.. Ids(matches)]))!;
        return [.. over.Select(Guid.Parse)];
    }

    /// <summary>
    /// Records the end of a match that Redis never knew, or has lost, or knows only as claimed. False if Redis knows that it was assigned.
    /// </summary>
    public async Task<bool> BuryAsync(MatchRecord match, CancellationToken cancellationToken) =>
        (string?)await scripts.WriteAsync(RedisScripts.Bury, cancellationToken,
            match.SessionId.ToString(), (long)QueueLimits.EndedTimeToLive.TotalSeconds, Write(match.Players),
            Microseconds(time.GetUtcNow() - match.CreatedAt)) == "buried";

    /// <summary>
    /// Queues players who have been waiting elsewhere. Players of one call keep their order, however slow the network is.
    /// </summary>
    public async Task EnqueueAsync(IEnumerable<LedgerJoin> players, CancellationToken cancellationToken)
    {
        foreach (var batch in players.Chunk(PlayersAtOnce))
        {
            var arguments = batch.SelectMany(player => (RedisValue[])
            [
                player.PlayerId, player.TraceParent,
                Microseconds(time.GetElapsedTime(player.JoinedAt)), Microseconds(time.GetElapsedTime(player.AskedAt)),
            ]);
            await scripts.WriteAsync(RedisScripts.Enqueue, cancellationToken, [.. arguments]);
        }
    }

    /// <summary>Takes a player out of the queue who has left since, unless the player has joined again.</summary>
    /// <param name="playerId">The player.</param>
    /// <param name="leftAt">When, as a timestamp of the clock.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    public Task LeaveAsync(string playerId, long leftAt, CancellationToken cancellationToken) =>
        scripts.WriteAsync(RedisScripts.Leave, cancellationToken, playerId, Microseconds(time.GetElapsedTime(leftAt)));

    /// <summary>Takes players out of the queue who must not be matched there.</summary>
    /// <param name="players">The players.</param>
    /// <param name="areInMemory">Whether they are in this backend's memory: then unknown players count as waiting for a while.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>Those who are in a live match, and stay there, or who have left through another backend.</returns>
    public async Task<IReadOnlyList<string>> WithdrawAsync(
        IEnumerable<LedgerJoin> players, bool areInMemory, CancellationToken cancellationToken)
    {
        List<string> elsewhere = [];
        foreach (var batch in players.Chunk(PlayersAtOnce))
        {
            var returning = areInMemory ? (long)Returning.TotalMilliseconds : 0;
            var arguments = batch.SelectMany(player =>
                (RedisValue[])[player.PlayerId, Microseconds(time.GetElapsedTime(player.AskedAt))]);
            elsewhere.AddRange((string[])(await scripts.WriteAsync(
                RedisScripts.Withdraw, cancellationToken, [returning, .. arguments]))!);
        }

        return elsewhere;
    }
}
