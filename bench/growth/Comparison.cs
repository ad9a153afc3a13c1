using System.Globalization;
using GameStack.Tests.Support;

namespace GameStack.Bench.Growth;

/// <summary>Times the same operations on queues of different sizes, in turn, and prints a table.</summary>
internal sealed class Comparison(RedisFixture redis, int rounds, int cycles)
{
    /// <summary>Passes of the reconciler take longer than one operation, and a round has enough of them with these.</summary>
    private const int FullPasses = 3;

    private const int UsualPasses = 20;

    /// <param name="what">What there is ever more of.</param>
    /// <param name="operations">The rows of the table.</param>
    /// <param name="sizes">The columns of the table.</param>
    /// <param name="numbers">The waiting players and live matches of each size.</param>
    public async Task RunAsync(
        string what, IReadOnlyList<string> operations, IReadOnlyList<int> sizes, Func<int, (int Waiting, int Live)> numbers)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| µs, p50 / p99, by {what} | queue | {Join(sizes, "N0")} |"));
        Console.WriteLine($"|---|---|{string.Concat(sizes.Select(_ => "---|"))}");
        await RunAsync(operations, sizes, size => FilledQueue.InRedisAsync(redis, numbers(size).Waiting, numbers(size).Live));
        await RunAsync(operations, sizes, size => FilledQueue.InMemoryAsync(numbers(size).Waiting, numbers(size).Live));
        Console.WriteLine();
    }

    private async Task RunAsync(IReadOnlyList<string> operations, IReadOnlyList<int> sizes, Func<int, Task<FilledQueue>> fill)
    {
        List<FilledQueue> queues = [];
        foreach (var size in sizes)
        {
            queues.Add(await fill(size));
        }

        await RoundAsync(queues); // The warm-up.
        List<Times[]> all = [];
        for (var round = 0; round < rounds; round++)
        {
            all.Add(await RoundAsync(queues));
        }

        foreach (var operation in operations)
        {
            var cells = queues.Select((_, queue) => $"{Median(operation, queue, 0.5):N0} / {Median(operation, queue, 0.99):N0}");
            Console.WriteLine($"| {operation} | {queues[0].Queue.Source} | {string.Join(" | ", cells)} |");
        }

        foreach (var queue in queues)
        {
            await queue.DisposeAsync();
        }

        double Median(string operation, int queue, double share) =>
            all.Select(times => times[queue].Percentile(operation, share)).Order().ElementAt(rounds / 2);
    }

    /// <summary>Each cycle goes over all queues, so what else the machine does meets them alike.</summary>
    private async Task<Times[]> RoundAsync(List<FilledQueue> queues)
    {
        Times[] times = [.. queues.Select(_ => new Times())];
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            for (var i = 0; i < queues.Count; i++)
            {
                await queues[i].RunCycleAsync(times[i]);
            }
        }

        for (var pass = 0; pass < FullPasses; pass++)
        {
            for (var i = 0; i < queues.Count; i++)
            {
                await using var reconciler = new ReconcilerRounds(queues[i]);
                await reconciler.RunAsync(times[i], UsualPasses);
            }
        }

        return times;
    }

    private static string Join(IEnumerable<int> sizes, string format) =>
        string.Join(" | ", sizes.Select(size => size.ToString(format, CultureInfo.InvariantCulture)));
}
