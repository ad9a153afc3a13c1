using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Backend.Life;
using GameStack.Tests.Backend.Queue;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Matches;

/// <summary>The parts of one backend that take a match from its claim to its end.</summary>
internal sealed class MatchBackend : IAsyncDisposable
{
    private readonly LoggerFactory _logs;

    public MatchBackend(IMatchQueue queue, FakeFleet fleet, QueueSignals signals, IOptions<MatchmakingOptions> options, TimeProvider time)
    {
        _logs = new LoggerFactory([Log]);
        Life = new MatchLife([Steps]);
        Assigner = new MatchAssigner(queue, fleet, signals, Life, time, options, Logger<MatchAssigner>());
        Ender = new MatchEnder(queue, Assigner, Records, fleet, Life, time, Logger<MatchEnder>());
    }

    /// <summary>On a queue in memory.</summary>
    public MatchBackend(MemoryBackend memory, FakeFleet fleet, IOptions<MatchmakingOptions> options, TimeProvider time)
        : this(memory.Queue, fleet, memory.Signals, options, time)
    {
    }

    public LogRecords Log { get; } = new();

    public HeardSteps Steps { get; } = new();

    public InMemoryMatchRecords Records { get; } = new();

    public MatchLife Life { get; }

    public MatchAssigner Assigner { get; }

    public MatchEnder Ender { get; }

    public ILogger<T> Logger<T>() => _logs.CreateLogger<T>();

    public async ValueTask DisposeAsync()
    {
        await Assigner.HandOverAsync();
        await Assigner.DisposeAsync();
        _logs.Dispose();
        Log.Dispose();
    }
}
