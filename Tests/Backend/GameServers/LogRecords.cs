using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers;

/// <summary>Keeps what is logged, and lets a test wait for it.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore without a wait handle holds nothing.")]
internal sealed class LogRecords : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();
    private readonly List<LogRecord> _records = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The warnings and errors.</summary>
    public IReadOnlyList<LogRecord> Problems
    {
        get
        {
            lock (_lock)
            {
                return [.. _records.Where(record => record.Level >= LogLevel.Warning)];
            }
        }
    }

    public IReadOnlyList<LogRecord> Of(int eventId)
    {
        lock (_lock)
        {
            return [.. _records.Where(record => record.EventId == eventId)];
        }
    }

    /// <summary>The first <paramref name="count"/> records of an event, as soon as there are so many.</summary>
    public async Task<IReadOnlyList<LogRecord>> WaitForAsync(int eventId, int count)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                added = _added.Task;
                if (Of(eventId) is var records && records.Count >= count)
                {
                    return [.. records.Take(count)];
                }
            }

            try
            {
                await added.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException exception)
            {
                throw new TimeoutException(
                    $"Event {eventId} was expected {count} times and came {Of(eventId).Count} times. The log: {this}", exception);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter)
    {
        var properties = state as IEnumerable<KeyValuePair<string, object?>> ?? [];
        var record = new LogRecord(eventId.Id, logLevel, formatter(state, exception),
            properties.ToDictionary(property => property.Key, property => property.Value));
        lock (_lock)
        {
            _records.Add(record);
            _added.SetResult();
            _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join(Environment.NewLine, _records.Select(record => record.Message));
        }
    }

    public void Dispose()
    {
    }
}
