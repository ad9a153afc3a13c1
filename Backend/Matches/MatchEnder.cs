using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;

namespace GameStack.Backend.Matches;

/// <summary>Ends a match when a player asks for it or when its server has exited.</summary>
internal sealed partial class MatchEnder(
    IMatchQueue queue, MatchAssigner assigner, IMatchRecords records, IGameServerFleet fleet, MatchmakingInstruments instruments, QueueSignals signals,
    MatchLife life, TimeProvider time, ILogger<MatchEnder> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Ends a match and its server. Returns <see cref="EndOutcome.Unknown"/> when neither the queue nor Postgres knows the match.
    /// </summary>
    public async Task<EndOutcome> EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var outcome = await queue.EndAsync(matchId, onlyOn: null, cancellationToken);
        switch (outcome)
        {
            case EndOutcome.Ended:
                await life.ReachAsync(MatchStep.Ended, cancellationToken);
                instruments.Ended();
                Log.Ended(logger, matchId);
                await fleet.EndAsync(matchId, cancellationToken);
                await life.ReachAsync(MatchStep.Released, cancellationToken);
                return outcome;

            case EndOutcome.Unknown when await records.FindAsync(matchId, cancellationToken) is { } record:
                if (record.EndedAt is null)
                {
                    await records.UpsertAsync([record with { EndedAt = time.GetUtcNow() }], cancellationToken);
                }

                return EndOutcome.AlreadyEnded;

            case EndOutcome.NotKnownYet when await records.FindAsync(matchId, cancellationToken) is { EndedAt: not null }:
                return EndOutcome.AlreadyEnded;

            default:
                return outcome;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(EndMatchesAsync(stoppingToken), EndServersAsync(stoppingToken));

    /// <summary>Ends every match whose server exits.</summary>
    private async Task EndMatchesAsync(CancellationToken stoppingToken)
    {
        await foreach (var server in fleet.WatchExitsAsync(stoppingToken))
        {
            if (!await EndServerlessAsync(server, stoppingToken))
            {
                _ = EndLaterAsync(server, stoppingToken); // The next exits must not wait for this one.
            }
        }
    }

    /// <summary>Releases the servers of matches that another backend has ended.</summary>
    private async Task EndServersAsync(CancellationToken stoppingToken)
    {
        await foreach (var matchId in signals.WatchEndsAsync(stoppingToken))
        {
            await fleet.ReleaseAsync(matchId, stoppingToken);
        }
    }

    private async Task EndLaterAsync(RunningGameServer server, CancellationToken stoppingToken)
    {
        do
        {
            await Task.Delay(RetryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!stoppingToken.IsCancellationRequested && !await EndServerlessAsync(server, stoppingToken));
    }

    /// <summary>Ends a match whose server has exited. Returns false when the caller must try again.</summary>
    public async Task<bool> EndServerlessAsync(RunningGameServer server, CancellationToken stoppingToken)
    {
        var matchId = server.MatchId;
        try
        {
            await life.ReachAsync(MatchStep.Ended, stoppingToken);
            var outcome = await queue.EndAsync(matchId, onlyOn: server, stoppingToken);
            if (outcome == EndOutcome.Ended)
            {
                await life.ReachAsync(MatchStep.Released, stoppingToken);
                instruments.Ended();
                Log.ServerGone(logger, matchId);
            }

            // A server can exit before its match is assigned to it: then the assignment that is under way comes first.
            return outcome != EndOutcome.NotStarted || !assigner.Held.Contains(matchId);
        }
        catch (DependencyUnavailableException e)
        {
            Log.NotEnded(logger, matchId, e.Message);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(160, LogLevel.Information, "Match {MatchId} was ended by a player")]
        public static partial void Ended(ILogger logger, Guid matchId);

        [LoggerMessage(161, LogLevel.Information, "Match {MatchId} is over: its server has exited")]
        public static partial void ServerGone(ILogger logger, Guid matchId);

        [LoggerMessage(162, LogLevel.Warning, "Match {MatchId} could not be ended yet: {Reason}")]
        public static partial void NotEnded(ILogger logger, Guid matchId, string reason);
    }
}
