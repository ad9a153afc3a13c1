using GameStack.Backend;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Memory;
using GameStack.Tests.Backend.Records;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Queue;

/// <summary>The parts of one backend that use the queue in its own memory.</summary>
internal sealed class MemoryBackend
{
    public MemoryBackend(IOptions<MatchmakingOptions> options, TimeProvider time, CurrentRules? rules = null)
    {
        Rules = rules ?? new CurrentRules(options, NullLogger<CurrentRules>.Instance);
        State = new MemoryState(Rules, Identity, time, hearsAll: rules is null);
        Outbox = new MemoryOutbox(Signals, TestLosses.Ignored());
        Queue = new InMemoryMatchQueue(State, Outbox, Rules, options, Identity, Waiters, Signals, time);
    }

    public BackendIdentity Identity { get; } = new("backend", "backend-0");

    public PlayerWaiters Waiters { get; } = new();

    public QueueSignals Signals { get; } = new();

    public CurrentRules Rules { get; }

    public MemoryState State { get; }

    public MemoryOutbox Outbox { get; }

    public InMemoryMatchQueue Queue { get; }
}
