using System.Diagnostics.Metrics;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GameStack.Tests.LoadTester;

/// <summary>A crowd of players with everything it needs, on a clock of the test's choice.</summary>
internal sealed class TestRun : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MatchApiClient _api;

    public TestRun(LoadSettings settings, TimeProvider time)
    {
        Meters = _services.GetRequiredService<IMeterFactory>();
        _api = new MatchApiClient(settings, CallLimits.Default);
        Board = new LoadBoard(settings.Clients, new LoadMetrics(Meters), time);
        var retries = new CallRetries(CallLimits.Default.PollInterval, Board, time);
        Crowd = new Crowd(new PlayerSurroundings
        {
            Settings = settings,
            Limits = CallLimits.Default,
            Api = _api,
            Retries = retries,
            Follower = new StatusFollower(_api, CallLimits.Default.LongPoll, CallLimits.Default.PollInterval, retries, time),
            Sessions = new SessionLedger(),
            Board = Board,
            Time = time,
            Logger = NullLogger.Instance,
        });
    }

    public IMeterFactory Meters { get; }

    public LoadBoard Board { get; }

    public Crowd Crowd { get; }

    public void Dispose()
    {
        _api.Dispose();
        _services.Dispose();
    }
}
