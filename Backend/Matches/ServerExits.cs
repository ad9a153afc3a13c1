using System.Threading.Channels;
using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;

namespace GameStack.Backend.Matches;

/// <summary>Ends every match whose server exits.</summary>
internal sealed class ServerExits(IGameServerFleet fleet, MatchEnder ender, MatchLife life, TimeProvider time, ILogger<ServerExits> logger)
    : RepeatingService("end the matches of servers that have exited", time, logger)
{
    /// <summary>
    /// How many ends are tried at once, and how many tried again. Those tried again wait for Redis or for an assignment, and must not keep
    /// others from their first try: that of a match in memory needs no Redis.
    /// </summary>
    private const int MostAtOnce = 256;

    /// <summary>How many wait to be tried again. The reconciler ends what is beyond.</summary>
    private const int MostWaiting = 10_000;

    /// <summary>Outlasts a round, which one unexpected error ends.</summary>
    private readonly Channel<RunningGameServer> _waiting = Channel.CreateBounded<RunningGameServer>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        using var round = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = round.Token };
        Task[] both =
        [
            Parallel.ForEachAsync(fleet.WatchExitsAsync(round.Token), atOnce, EndAsync),
            Parallel.ForEachAsync(_waiting.Reader.ReadAllAsync(round.Token), atOnce, EndLaterAsync),
        ];
        try
        {
            await await Task.WhenAny(both);
        }
        finally
        {
            await round.CancelAsync();
            await Task.WhenAll(both).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async ValueTask EndAsync(RunningGameServer server, CancellationToken cancellationToken)
        {
            life.Announce(new MatchStep.ServerExited(server.MatchId));
            if (!await ender.EndServerlessAsync(server, cancellationToken))
            {
                _waiting.Writer.TryWrite(server);
            }
        }
    }

    private async ValueTask EndLaterAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        var backoff = new Backoff();
        do
        {
            await Task.Delay(backoff.Next(), Time, cancellationToken);
        }
        while (!await ender.EndServerlessAsync(server, cancellationToken));
    }
}
