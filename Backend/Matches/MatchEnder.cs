using System.Collections.Concurrent;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;

namespace GameStack.Backend.Matches;

/// <summary>Ends a match when a call asks for it or when its server has exited.</summary>
internal sealed partial class MatchEnder(
    IMatchQueue queue, MatchAssigner assigner, IMatchRecords records, IGameServerFleet fleet, MatchLife life, TimeProvider time,
    ILogger<MatchEnder> logger)
{
    /// <summary>
    /// How long a caller waits until the server of a match that has ended is told. That goes on meanwhile, and the reconciler ends what is
    /// left.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The matches whose end had to be tried again, and since when.</summary>
    private readonly ConcurrentDictionary<Guid, long> _failing = [];

    /// <summary>
    /// Ends a match and its server. Returns <see cref="EndOutcome.Unknown"/> when neither the queue nor Postgres knows the match.
    /// </summary>
    /// <param name="matchId">The match.</param>
    /// <param name="endedBy">What ends it, for the record (<see cref="EndedBy"/>).</param>
    /// <param name="cancellationToken">Cancels the wait for the answer, not the end.</param>
    public async Task<EndOutcome> EndAsync(Guid matchId, string endedBy, CancellationToken cancellationToken)
    {
        var outcome = await queue.EndAsync(matchId, onlyOn: null, endedBy, cancellationToken);
        switch (outcome)
        {
            case EndOutcome.Ended:
                life.Announce(new MatchStep.Ended(matchId, MatchEnd.Call));
                await EndServerAsync(matchId, cancellationToken);
                life.Announce(new MatchStep.ServerReleased(matchId));
                return outcome;

            case EndOutcome.Unknown when await records.FindAsync(matchId, cancellationToken) is { } record:
                if (record.EndedAt is null)
                {
                    // The queue has lost the match, but its server may play on.
                    await EndRecordAsync(record, endedBy, cancellationToken);
                    await EndServerAsync(matchId, cancellationToken);
                }

                return EndOutcome.AlreadyEnded;

            case EndOutcome.NotKnownYet when await records.FindAsync(matchId, cancellationToken) is { EndedAt: not null }:
                return EndOutcome.AlreadyEnded;

            default:
                return outcome;
        }
    }

    private async Task EndServerAsync(Guid matchId, CancellationToken cancellationToken)
    {
        try
        {
            await fleet.EndAsync(matchId, CancellationToken.None).WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The API server of Kubernetes does not answer.
        }
    }

    /// <summary>Ends a match whose server has exited. Returns false when the caller must try again.</summary>
    public async Task<bool> EndServerlessAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        try
        {
            var outcome = await queue.EndAsync(server.MatchId, onlyOn: server, EndedBy.Server, cancellationToken);
            if (outcome == EndOutcome.Unknown)
            {
                await EndLostAsync(server, cancellationToken);
            }

            if (_failing.TryRemove(server.MatchId, out var since))
            {
                Log.CanBeEnded(logger, server.MatchId, time.GetElapsedTime(since).TotalSeconds);
            }

            if (outcome == EndOutcome.Ended)
            {
                life.Announce(new MatchStep.Ended(server.MatchId, MatchEnd.ServerExit));
            }

            // A server can exit before its match is assigned to it: then the assignment that is under way comes first.
            return outcome != EndOutcome.NotKnownYet
                && (outcome != EndOutcome.NotStarted || !assigner.Held.Contains(server.MatchId));
        }
        catch (DependencyUnavailableException e)
        {
            if (_failing.TryAdd(server.MatchId, time.GetTimestamp()))
            {
                Log.NotEnded(logger, server.MatchId, e.Message);
            }

            return false;
        }
    }

    /// <summary>
    /// The queue may have lost the match, and without its server nobody can bring it back. Most servers without a match never had one, so
    /// their number must not wait for Postgres: while it is unavailable, nothing is done.
    /// </summary>
    private async Task EndLostAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        try
        {
            if (await records.FindAsync(server.MatchId, cancellationToken) is { EndedAt: null } record
                && record.GameServerPod == server.Name)
            {
                await EndRecordAsync(record, EndedBy.Server, cancellationToken);
            }
        }
        catch (DependencyUnavailableException e)
        {
            Log.RecordNotEnded(logger, server.MatchId, e.Message);
        }
    }

    private Task EndRecordAsync(MatchRecord record, string endedBy, CancellationToken cancellationToken) =>
        records.UpsertAsync([record with { EndedAt = time.GetUtcNow(), EndedBy = endedBy }], cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotEnded, LogLevel.Warning, "Cannot end match {MatchId}, whose server has exited; retrying: {Reason}")]
        public static partial void NotEnded(ILogger logger, Guid matchId, string reason);

        [LoggerMessage(EventIds.RecordNotEnded, LogLevel.Debug,
            "Match {MatchId}, which the queue does not know, may keep a record without an end: {Reason}")]
        public static partial void RecordNotEnded(ILogger logger, Guid matchId, string reason);

        [LoggerMessage(EventIds.CanBeEnded, LogLevel.Information, "Can end match {MatchId} again, after {Seconds:0.0} s")]
        public static partial void CanBeEnded(ILogger logger, Guid matchId, double seconds);
    }
}
