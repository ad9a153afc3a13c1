using GameStack.Backend.Background;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Ends the servers that do not end by crashing: those that hang, and those that play on past their length. Their exits are reported like
/// any other, so that their matches end and the players are notified.
/// </summary>
internal sealed partial class ProcessFleetWatch(
    ProcessFleet fleet, IOptions<GameServersOptions> options, TimeProvider time, ILogger<ProcessFleetWatch> logger)
    : RepeatingService("check the game servers", time, logger, options.Value.WatchPeriod)
{
    private const int ProbesAtOnce = 32;

    private readonly TimeSpan _timeout = options.Value.WatchTimeout;

    protected override Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = stoppingToken };
        return Parallel.ForEachAsync(fleet.Playing(), parallel, CheckAsync);
    }

    private async ValueTask CheckAsync(FleetMatch match, CancellationToken cancellationToken)
    {
        var (server, process, control, record) = match.Assigned!;
        var health = await control.ReadHealthAsync(_timeout, Time, cancellationToken)
            ?? await new GamePortClient(server.Host, server.Port).ReadHealthAsync(_timeout, Time, cancellationToken);
        if (record.Judge(health) is { } why && !match.Ending.IsCancellationRequested)
        {
            Log.Ending(Logger, match.Id, process.Id, why);
            await fleet.EndAsync(match.Id, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProcessFleetWatchEnding, LogLevel.Warning,
            "Ending the game server of match {MatchId}, process {ProcessId}: {Why}")]
        public static partial void Ending(ILogger logger, Guid matchId, int processId, string why);
    }
}
