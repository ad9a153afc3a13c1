using System.Diagnostics.Metrics;
using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>The load tester's instruments.</summary>
internal sealed class LoadMetrics
{
    private readonly UpDownCounter<int> _players;
    private readonly Counter<int> _matched;
    private readonly Counter<int> _played;
    private readonly Counter<int> _failed;
    private readonly Counter<int> _retries;
    private readonly Histogram<double> _durations;

    public LoadMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(LoadTelemetry.Name);
        _players = meter.CreateUpDownCounter<int>("gamestack.load.players", "{player}", "Players that have been started, by state.");
        _matched = meter.CreateCounter<int>("gamestack.load.matched", "{player}", "Players that learned about their match.");
        _played = meter.CreateCounter<int>("gamestack.load.played", "{player}", "Players that played until their match stopped.");
        _failed = meter.CreateCounter<int>("gamestack.load.failed", "{player}", "Players that failed, by phase and kind.");
        _retries = meter.CreateCounter<int>("gamestack.load.retries", "{call}", "Calls that were retried, by phase and kind.");
        _durations = meter.CreateHistogram<double>("gamestack.load.phase.duration", "s", "How long players were in a phase.");
    }

    public void Started() => _players.Add(1, State(PlayerState.Joining));

    public void Moved(PlayerState from, PlayerState to)
    {
        _players.Add(-1, State(from));
        _players.Add(1, State(to));
    }

    public void Matched() => _matched.Add(1);

    public void Played() => _played.Add(1);

    public void Failed(PlayerFailure failure) => _failed.Add(1, new("phase", failure.Phase.Name()), new("kind", failure.Kind));

    public void Retried(PlayerFailure cause) => _retries.Add(1, new("phase", cause.Phase.Name()), new("kind", cause.Kind));

    public void Measured(Measure measure, TimeSpan duration) =>
        _durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("phase", measure.Name()));

    private static KeyValuePair<string, object?> State(PlayerState state) => new("state", state.Name());
}
