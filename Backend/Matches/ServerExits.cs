using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;

namespace GameStack.Backend.Matches;

/// <summary>Ends every match whose server exits.</summary>
internal sealed class ServerExits(IGameServerFleet fleet, MatchEnder ender, MatchLife life, TimeProvider time, ILogger<ServerExits> logger)
    : RepeatingService("end the matches of servers that have exited", time, logger)
{
    /// <summary>At most this many ends wait for Redis or for an assignment at once; further exits wait for them.</summary>
    private const int MostAtOnce = 256;

    protected override Task RunRoundAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        fleet.WatchExitsAsync(stoppingToken),
        new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = stoppingToken },
        EndAsync);

    private async ValueTask EndAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        life.Announce(new MatchStep.ServerExited(server.MatchId));
        var backoff = new Backoff();
        while (!await ender.EndServerlessAsync(server, cancellationToken))
        {
            await Task.Delay(backoff.Next(), Time, cancellationToken);
        }
    }
}
