using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GameStack.Backend.Life;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.GameServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

/// <summary>A writer that runs, and what its instruments have counted.</summary>
internal sealed class RunningWriter : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly LoggerFactory _logs;
    private readonly MatchRecordWriter _writer;
    private readonly MatchRecordInstruments _instruments;
    private readonly ConcurrentDictionary<Instrument, long> _counts = [];

    private RunningWriter(IMatchOutbox outbox, NpgsqlDataSource database, LogRecords log)
    {
        _logs = new LoggerFactory([log]);
        _instruments = new MatchRecordInstruments(_services.GetRequiredService<IMeterFactory>());
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            _counts.AddOrUpdate(instrument, value, (_, sum) => sum + value));
        _listener.EnableMeasurementEvents(_instruments.Written);
        _listener.EnableMeasurementEvents(_instruments.Refused);
        _listener.EnableMeasurementEvents(_instruments.Failures);
        var logger = _logs.CreateLogger<MatchRecordWriter>();
        var access = new PostgresAccess(
            new DatabaseSettingNames("DATABASE_PASSWORD", "DATABASE_URL"), TimeProvider.System, _logs.CreateLogger<PostgresAccess>());
        _writer = new MatchRecordWriter(
            outbox, new PostgresMatchRecords(database, TestRecords.Backend), access, _instruments, TestLosses.Ignored(), new MatchLife([]),
            TimeProvider.System, logger);
    }

    public long Written => _counts.GetValueOrDefault(_instruments.Written);

    public long Refused => _counts.GetValueOrDefault(_instruments.Refused);

    public long Failures => _counts.GetValueOrDefault(_instruments.Failures);

    public async Task<HealthStatus> CheckHealthAsync()
    {
        var registration = new HealthCheckRegistration("postgres", _writer, HealthStatus.Degraded, tags: null);
        return (await _writer.CheckHealthAsync(new HealthCheckContext { Registration = registration })).Status;
    }

    public static async Task<RunningWriter> StartAsync(IMatchOutbox outbox, NpgsqlDataSource database, LogRecords? log = null)
    {
        var running = new RunningWriter(outbox, database, log ?? new LogRecords());
        await running._writer.StartAsync(TestContext.Current.CancellationToken);
        return running;
    }

    public Task StopAsync() => _writer.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _writer.Dispose();
        _listener.Dispose();
        _logs.Dispose();
        await _services.DisposeAsync();
    }
}
