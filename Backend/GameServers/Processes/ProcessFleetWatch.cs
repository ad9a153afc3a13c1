using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Ends the servers that do not end by crashing: those that hang, and those that play on past their length. Their exits are reported like
/// any other, so that their matches end and the players are told.
/// </summary>
internal sealed partial class ProcessFleetWatch(
    ProcessFleet fleet, IOptions<GameServersOptions> options, TimeProvider time, ILogger<ProcessFleetWatch> logger) : BackgroundService
{
    private const int ProbesAtOnce = 32;

    private readonly GameServersOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.WatchPeriod, time);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = stoppingToken };
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Parallel.ForEachAsync(fleet.Playing(), parallel, WatchAsync);
        }
    }

    private async ValueTask WatchAsync(FleetMatch match, CancellationToken cancellationToken)
    {
        var health = await GameServerProbe.AskAsync(match.Target!, _options.WatchTimeout, time, cancellationToken);
        if (match.Record!.Judge(health) is { } why && !match.Ending.IsCancellationRequested)
        {
            Log.Ended(logger, match.Id, match.Process!.Id, why);
            await fleet.EndAsync(match.Id, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(430, LogLevel.Warning, "The game server of match {MatchId}, process {ProcessId}, is ended: {Why}")]
        public static partial void Ended(ILogger logger, Guid matchId, int processId, string why);
    }
}
