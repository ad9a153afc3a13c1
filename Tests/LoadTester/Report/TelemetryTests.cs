using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using GameStack.LoadTester.Run;

namespace GameStack.Tests.LoadTester.Report;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Every_player_is_a_trace_with_a_span_for_each_phase_and_takes_it_along_over_http()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "GameStack.LoadTester",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { SessionSize = 2 });
        using var run = new TestRun(new LoadSettings { Clients = 2, TargetUrl = new Uri(stack.Url) }, TimeProvider.System);

        await run.Crowd.RunAsync(CancellationToken.None);

        var waited = new List<string>();
        foreach (var number in (int[])[1, 2])
        {
            var playerId = $"{run.Crowd.RunId}-{number}";
            var player = Assert.Single(
                spans, span => span.OperationName == "player" && playerId.Equals(span.GetTagItem("gamestack.player.id")));
            var phases = spans.Where(span => span.ParentSpanId == player.SpanId).Select(span => span.OperationName).ToArray();
            Assert.Null(player.ParentId);
            Assert.Superset(new HashSet<string> { "join", "connect", "play", "end" }, phases.ToHashSet());
            Assert.Contains(player.TraceId.ToString(), stack.JoinTraces[playerId], StringComparison.Ordinal);
            if (phases.Contains("match"))
                waited.Add(playerId);
        }

        // The other one was matched by its own join and had nothing to wait for.
        Assert.Single(waited);
    }

    [Fact]
    public async Task What_players_do_is_counted_and_measured()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { EndRefusal = 500, JoinRefusals = [(429, 0)] });
        using var run = new TestRun(new LoadSettings { Clients = 4, TargetUrl = new Uri(stack.Url) }, TimeProvider.System);
        var sums = new ConcurrentDictionary<string, long>();
        var durations = new ConcurrentDictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == run.Meters)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
            sums.AddOrUpdate(Name(instrument, tags), value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
            durations.AddOrUpdate(Name(instrument, tags), 1, (_, count) => count + 1));
        listener.Start();

        await run.Crowd.RunAsync(CancellationToken.None);

        Assert.Equal(4, sums["gamestack.load.matched"]);
        Assert.Equal(4, sums["gamestack.load.played"]);
        Assert.Equal(4, sums["gamestack.load.failed end 500"]);
        Assert.Equal(4, sums["gamestack.load.retries join 429"]);
        Assert.Equal(4, sums["gamestack.load.players failed"]);
        Assert.Equal(0, sums["gamestack.load.players joining"]);
        Assert.Equal(4, durations["gamestack.load.phase.duration join"]);
        Assert.Equal(4, durations["gamestack.load.phase.duration join_to_connected"]);
        Assert.DoesNotContain("gamestack.load.phase.duration end", durations.Keys);
    }

    private static string Name(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var tag in tags)
            name += $" {tag.Value}";
        return name;
    }
}
