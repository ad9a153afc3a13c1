using GameStack.Backend;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Queue;

namespace GameStack.Bench.Growth;

/// <summary>A reconciler whose fleet lists the servers of all live matches, as in Kubernetes. Its first pass looks at everything.</summary>
internal sealed class ReconcilerRounds : IAsyncDisposable
{
    private readonly ObservedTime _time = new();
    private readonly MatchBackend _matches;
    private readonly Reconciler _reconciler;
    private readonly TimeSpan _period;

    public ReconcilerRounds(FilledQueue filled)
    {
        var (fleet, signals, options) = (new FakeFleet([.. filled.Servers]), new QueueSignals(), TestRules.Of(size: 2));
        _period = options.Value.Reconcile;
        _matches = new MatchBackend(filled.Queue, fleet, signals, options, _time);
        var lost = new ServerlessMatches(filled.Queue, fleet, _matches.Life, new BackendIdentity("backend", "backend-0"), _time);
        _reconciler = new Reconciler(
            filled.Queue, fleet, _matches.Assigner, _matches.Records, lost, signals, _time, options, _matches.Logger<Reconciler>());
    }

    public async Task RunAsync(Times times, int usualPasses)
    {
        await times.TakeAsync(Operations.FullPass, async () =>
        {
            await _reconciler.StartAsync(CancellationToken.None);
            return await _time.NextWaitAsync(CancellationToken.None);
        });
        for (var pass = 0; pass < usualPasses; pass++)
        {
            await times.TakeAsync(Operations.Pass, async () =>
            {
                _time.Advance(_period);
                return await _time.NextWaitAsync(CancellationToken.None);
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reconciler.StopAsync(CancellationToken.None);
        _reconciler.Dispose();
        await _matches.DisposeAsync();
    }
}
