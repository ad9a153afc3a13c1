using System.Diagnostics;
using System.Globalization;
using GameStack.Contracts.Api;
using GameStack.LoadTester.Stack;
using GameStack.Tests.Support;

namespace GameStack.Bench.Matches;

/// <summary>The resident memory of proxy and backend for each open event stream of a waiting player.</summary>
internal static class IdleStreams
{
    private const int Streams = 3000;

    /// <summary>What the first streams of a program cost is not the cost of a stream.</summary>
    private const int WarmUp = 300;

    private const int OpenedAtOnce = 64;

    /// <summary>After this, every stream has repeated its state once, and is as a stream that waits for longer.</summary>
    private static readonly TimeSpan UntilIdle = TimeSpan.FromSeconds(20);

    public static async Task MeasureAsync(BenchPrograms programs, BenchStores stores)
    {
        await using var stack = await BenchStack.StartAsync(programs, await stores.PausedAsync());
        await using var players = new WaitingPlayers(stack.Players);
        await players.AddAsync(WarmUp, OpenedAtOnce);
        var before = await ResidentAsync(stack);
        await players.AddAsync(Streams, OpenedAtOnce);
        var after = await ResidentAsync(stack);
        var (backend, proxy) = ((after.Backend - before.Backend) / 1e3 / Streams, (after.Proxy - before.Proxy) / 1e3 / Streams);
        Console.WriteLine();
        Console.WriteLine($"| {Streams} idle streams | backend kB each | proxy kB each | both |");
        Console.WriteLine("|---|--:|--:|--:|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| resident memory | {backend:0.0} | {proxy:0.0} | {backend + proxy:0.0} |"));
    }

    private static async Task<(long Backend, long Proxy)> ResidentAsync(BenchStack stack)
    {
        await Task.Delay(UntilIdle);
        return (await ResidentAsync(stack.Backend), await ResidentAsync(stack.Proxy));
    }

    private static async Task<long> ResidentAsync(RunningProgram program)
    {
        // Twice: the first one runs finalizers, whose objects only the second one frees.
        await GarbageCollection.ForceAsync(program.Id);
        await GarbageCollection.ForceAsync(program.Id);
        using var process = Process.GetProcessById(program.Id);
        return process.WorkingSet64;
    }

    /// <summary>Players who wait, each with an open event stream.</summary>
    private sealed class WaitingPlayers(MatchApiClient api) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _leaving = new();
        private readonly List<Task> _waiting = [];

        public async Task AddAsync(int players, int atOnce)
        {
            var first = _waiting.Count;
            var opened = new TaskCompletionSource[players];
            await Parallel.ForAsync(0, players, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, _) =>
            {
                opened[i] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var waiting = WaitAsync($"idle-{first + i}", opened[i]);
                lock (_waiting)
                {
                    _waiting.Add(waiting);
                }

                await Task.WhenAny(opened[i].Task, waiting);
            });
            var missing = opened.Count(stream => !stream.Task.IsCompleted);
            if (missing > 0)
            {
                throw new InvalidOperationException($"{missing} streams could not be opened.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _leaving.CancelAsync();
            await Task.WhenAll(_waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _leaving.Dispose();
        }

        private async Task WaitAsync(string player, TaskCompletionSource opened)
        {
            await api.JoinAsync(player, _leaving.Token);
            await foreach (var status in api.EventsAsync(player, _leaving.Token))
            {
                if (status.Value?.Status != MatchStatus.Pending)
                {
                    return;
                }

                opened.TrySetResult();
            }
        }
    }
}
