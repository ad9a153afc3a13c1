using System.Diagnostics.Metrics;
using System.Globalization;
using GameStack.Backend.Life;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.Tests.Backend.Life;

public sealed class MatchInstrumentsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string> _measured = [];
    private readonly MatchInstruments _instruments;

    public MatchInstrumentsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Measured);
        _listener.SetMeasurementEventCallback<int>(Measured);
        _listener.SetMeasurementEventCallback<double>(Measured);
        _listener.Start();
        _instruments = new MatchInstruments(meters);
    }

    [Fact]
    public void Each_step_is_measured_once()
    {
        foreach (var step in TestSteps.All)
        {
            _instruments.Hear(step);
        }

        Assert.Equal(
            [
                "gamestack.queue.joins 1 matched",
                "gamestack.queue.joins 1 pending",
                "gamestack.queue.joins 1 refused",
                "gamestack.match.claimed 1",
                "gamestack.match.assigned 1",
                "gamestack.match.size 3",
                "gamestack.match.assignment.duration 0.5",
                "gamestack.match.given_back 1",
                "gamestack.match.given_back 1",
                "gamestack.match.ended 1",
                "gamestack.match.ended 1",
                "gamestack.match.ended 1",
            ],
            _measured);
    }

    [Fact]
    public void The_tests_know_every_kind_of_step()
    {
        var kinds = typeof(MatchStep).GetNestedTypes().Select(kind => kind.Name).Order();

        Assert.Equal(kinds, TestSteps.All.Select(step => step.GetType().Name).Distinct().Order());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private void Measured<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        where T : IFormattable =>
        _measured.Add(string.Join(
            ' ', [instrument.Name, value.ToString(null, CultureInfo.InvariantCulture), .. tags.ToArray().Select(tag => tag.Value)]));
}
