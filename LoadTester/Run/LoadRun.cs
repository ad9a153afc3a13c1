using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;
using Microsoft.Extensions.Logging;

namespace GameStack.LoadTester.Run;

/// <summary>One run: its players, what they share, and their results.</summary>
internal sealed partial class LoadRun(
    LoadSettings settings, CallLimits limits, LoadMetrics metrics, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<LoadRun>();

    /// <summary>
    /// Completes when all players have finished. Cancelling interrupts them; the summary then covers the run up to that point.
    /// </summary>
    public async Task<LoadSummary> RunAsync(ILoadView view, CancellationToken cancellationToken)
    {
        using var api = new MatchApiClient(settings, limits);
        var board = new LoadBoard(settings.Clients, metrics, time);
        var retries = new CallRetries(limits.PollInterval, board, time);
        var sessions = new SessionLedger();
        var crowd = new Crowd(new PlayerSurroundings
        {
            Settings = settings,
            Limits = limits,
            Api = api,
            Retries = retries,
            Follower = Follower(api, retries),
            Sessions = sessions,
            Board = board,
            Time = time,
            Logger = loggers.CreateLogger<Player>(),
        });
        Log.Started(_logger, crowd.RunId, settings.Clients, settings.TargetUrl);
        var run = RunAsync(crowd, board, cancellationToken);
        try
        {
            await view.ShowAsync(board, run);
        }
        catch (IOException)
        {
            // The terminal was closed. Its SIGHUP interrupts the run, whose summary may still go to a file.
        }

        var interrupted = await run;
        var summary = LoadSummary.Of(crowd.RunId, settings, board.Snapshot(), sessions.Figures(), interrupted);
        Log.Ended(_logger, crowd.RunId, summary.Matched, summary.Played, summary.Failed);
        return summary;
    }

    /// <summary>Returns whether the run was interrupted.</summary>
    private static async Task<bool> RunAsync(Crowd crowd, LoadBoard board, CancellationToken cancellationToken)
    {
        await crowd.RunAsync(cancellationToken);
        board.Finish();
        return cancellationToken.IsCancellationRequested;
    }

    private IMatchFollower Follower(MatchApiClient api, CallRetries retries) =>
        settings.Follow switch
        {
            FollowMode.Events => new EventsFollower(api, retries),
            FollowMode.Wait => new StatusFollower(api, limits.LongPoll, limits.PollInterval, retries, time),
            _ => new StatusFollower(api, TimeSpan.Zero, limits.PollInterval, retries, time),
        };

    private static partial class Log
    {
        [LoggerMessage(EventIds.RunStarted, LogLevel.Information, "Run {RunId} starts {Clients} players against {TargetUrl}.")]
        public static partial void Started(ILogger logger, string runId, int clients, Uri targetUrl);

        [LoggerMessage(EventIds.RunEnded, LogLevel.Information,
            "Run {RunId} is over: matched {Matched}, played {Played}, failed {Failed}.")]
        public static partial void Ended(ILogger logger, string runId, int matched, int played, int failed);
    }
}
