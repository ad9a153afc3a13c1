using System.Globalization;
using GameStack.LoadTester.Report;

namespace GameStack.Bench.Matches;

/// <summary>How long players wait for their matches: with servers on standby, all at once, and at rising rates.</summary>
internal static class MatchParts
{
    private const int Burst = 1000;

    /// <summary>How long the stack rests between two measurements.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MatchLength = TimeSpan.FromSeconds(1);

    /// <summary>In which every player of a burst has a match.</summary>
    private static readonly TimeSpan MatchLengthOfBurst = TimeSpan.FromSeconds(8);

    private static readonly int[] Rates = [100, 125, 150, 175];

    public static async Task StandbyAsync(BenchPrograms programs, BenchStores stores)
    {
        await using var stack = await BenchStack.StartAsync(programs, await stores.EmptyAsync());
        await AtRateAsync(stack, matchesPerSecond: 20, seconds: 10);
        await Task.Delay(MatchLength);
        var arrivals = await AtRateAsync(stack, matchesPerSecond: 20, seconds: 30);
        Heading("last join to all players told");
        Row("20 matches/s, 30 s", arrivals, arrivals.Matches);
    }

    public static async Task BurstAsync(BenchPrograms programs, BenchStores stores)
    {
        await using var stack = await BenchStack.StartAsync(programs, await stores.EmptyAsync());
        await AtRateAsync(stack, matchesPerSecond: 20, seconds: 10);
        Heading("join to match");
        foreach (var which in new[] { "first time", "second time", "third time" })
        {
            await Task.Delay(Rest);
            var arrivals = new Arrivals(stack.Players, MatchLengthOfBurst);
            await arrivals.RunAsync(Burst, perSecond: null);
            Row($"{Burst} players at once, {which}", arrivals, arrivals.Waits);
        }
    }

    public static async Task RatesAsync(BenchPrograms programs, BenchStores stores)
    {
        await using var stack = await BenchStack.StartAsync(programs, await stores.EmptyAsync());
        await AtRateAsync(stack, matchesPerSecond: 20, seconds: 10);
        Heading("last join to all players told");
        foreach (var rate in Rates)
        {
            await Task.Delay(Rest);
            var arrivals = await AtRateAsync(stack, rate, seconds: 20);
            Row($"{rate} matches/s, 20 s", arrivals, arrivals.Matches);
        }
    }

    private static async Task<Arrivals> AtRateAsync(BenchStack stack, int matchesPerSecond, int seconds)
    {
        var arrivals = new Arrivals(stack.Players, MatchLength);
        await arrivals.RunAsync(2 * matchesPerSecond * seconds, 2 * matchesPerSecond);
        return arrivals;
    }

    private static void Heading(string what)
    {
        Console.WriteLine();
        Console.WriteLine($"| {what} | p50 ms | p90 ms | p99 ms | longest ms | players | failed |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
    }

    private static void Row(string name, Arrivals arrivals, Percentiles seconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {seconds.P50 * 1000:0.0} | {seconds.P90 * 1000:0.0} | {seconds.P99 * 1000:0.0} | {seconds.Max * 1000:0.0} "
            + $"| {arrivals.Count.Players} | {arrivals.Count.Failed} |"));
}
