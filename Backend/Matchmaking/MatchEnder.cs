using GameStack.Backend.GameServers;
using GameStack.Backend.Matches;
using StackExchange.Redis;

namespace GameStack.Backend.Matchmaking;

/// <summary>Ends matches: when a player says so, and when their server is gone.</summary>
internal sealed partial class MatchEnder(
    IMatchQueue queue, IMatchRecords records, IGameServerFleet fleet, MatchmakingInstruments instruments, TimeProvider time,
    ILogger<MatchEnder> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Ends a match and its server. <see cref="EndOutcome.Unknown"/> when no record of such a match is left anywhere.</summary>
    public async Task<EndOutcome> EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var outcome = await queue.EndAsync(matchId, cancellationToken);
        switch (outcome)
        {
            case EndOutcome.Ended:
                instruments.Ended();
                Log.Ended(logger, matchId);
                await fleet.EndAsync(matchId, cancellationToken);
                return outcome;

            case EndOutcome.Unknown when await records.FindAsync(matchId, cancellationToken) is { } record:
                if (record.EndedAt is null)
                {
                    await records.UpsertAsync([record with { EndedAt = time.GetUtcNow() }], cancellationToken);
                }

                return EndOutcome.AlreadyEnded;

            default:
                return outcome;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var matchId in fleet.WatchExitsAsync(stoppingToken))
        {
            while (!await TryEndAsync(matchId, stoppingToken))
            {
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task<bool> TryEndAsync(Guid matchId, CancellationToken stoppingToken)
    {
        try
        {
            if (await queue.EndAsync(matchId, stoppingToken) == EndOutcome.Ended)
            {
                instruments.Ended();
                Log.ServerGone(logger, matchId);
            }

            return true;
        }
        catch (RedisException e)
        {
            Log.NotEnded(logger, matchId, e.Message);
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
