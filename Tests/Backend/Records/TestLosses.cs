using System.Diagnostics.Metrics;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.GameServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Records;

/// <summary>The losses of an outbox, with what they have counted and logged.</summary>
internal sealed class TestLosses : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly LoggerFactory _logs;
    private long _dropped;

    public TestLosses()
    {
        _logs = new LoggerFactory([Log]);
        var instruments = new MatchRecordInstruments(_services.GetRequiredService<IMeterFactory>());
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _dropped, value));
        _listener.EnableMeasurementEvents(instruments.Dropped);
        Losses = new OutboxLosses(instruments, _logs.CreateLogger<OutboxLosses>());
    }

    public LogRecords Log { get; } = new();

    public OutboxLosses Losses { get; }

    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Losses that nobody looks at.</summary>
    public static OutboxLosses Ignored()
    {
        var services = new ServiceCollection().AddMetrics().AddLogging().BuildServiceProvider();
        return new OutboxLosses(
            new MatchRecordInstruments(services.GetRequiredService<IMeterFactory>()), services.GetRequiredService<ILogger<OutboxLosses>>());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _logs.Dispose();
        _services.Dispose();
    }
}
