using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;

namespace GameStack.Tests.Backend.GameServers;

public sealed class FleetInstrumentsTests
{
    [Fact]
    public async Task A_fleet_measures_its_servers_and_how_long_they_took()
    {
        await using var host = await FleetHost.StartAsync(standby: 2);
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        var values = new Dictionary<string, double>();
        var outcomes = new List<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Meter.Name == "GameStack.Backend")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            lock (outcomes)
            {
                values[instrument.Name] = value;
                outcomes.AddRange(tags.ToArray().Where(tag => tag.Key == "outcome").Select(tag => tag.Value));
            }
        });
        listener.Start();

        await host.AllocateAsync();
        await host.ReadyAsync(3);
        listener.RecordObservableInstruments();

        Assert.Equal(1, values["gamestack.fleet.running"]);
        Assert.Equal(2, values["gamestack.fleet.standby"]);
        Assert.Equal(0, values["gamestack.fleet.full"]);
        Assert.True(values["gamestack.fleet.start.duration"] > 0);
        Assert.True(values["gamestack.fleet.allocation.duration"] > 0);
        Assert.Equal(["assigned"], outcomes);
    }
}
