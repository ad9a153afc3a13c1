using System.Diagnostics.Metrics;

namespace GameStack.Backend.GameServers;

/// <summary>The metrics that a fleet records.</summary>
internal sealed class FleetInstruments
{
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 45] };

    private readonly Meter _meter;
    private readonly Histogram<double> _startDuration;
    private readonly Histogram<double> _allocationDuration;

    public FleetInstruments(IMeterFactory meters)
    {
        _meter = meters.Create("GameStack.Backend");
        _startDuration = _meter.CreateHistogram(
            "gamestack.fleet.start.duration", "s", "From the start of a game server to the moment it stands by.", tags: null, Seconds);
        _allocationDuration = _meter.CreateHistogram(
            "gamestack.fleet.allocation.duration", "s", "From asking for a match's game server to its answer, or to a failure.",
            tags: null, Seconds);
    }

    public void Observe(Func<int> standby, Func<int> running, Func<bool> isFull)
    {
        _meter.CreateObservableGauge(
            "gamestack.fleet.full", () => isFull() ? 1 : 0, "1", "1 while no further match can get a game server, otherwise 0.");
        _meter.CreateObservableUpDownCounter("gamestack.fleet.standby", standby, "{server}", "Game servers that wait for a match.");
        _meter.CreateObservableUpDownCounter("gamestack.fleet.running", running, "{server}", "Game servers that have a match.");
    }

    public void Started(TimeSpan duration) => _startDuration.Record(duration.TotalSeconds);

    public void Allocated(TimeSpan duration, Result<RunningGameServer> allocation) =>
        _allocationDuration.Record(
            duration.TotalSeconds,
            new KeyValuePair<string, object?>("outcome", allocation.Value is null ? "failed" : "assigned"));
}
