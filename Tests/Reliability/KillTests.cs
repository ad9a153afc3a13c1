using System.Globalization;
using GameStack.Backend.Faults;
using GameStack.Tests.EndToEnd;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.Reliability;

/// <summary>Backends that die at every step of a match's life, on a real Redis and a real Postgres, while players come and go.</summary>
[Collection(MachineCollection.Name)]
public sealed class KillTests(RedisFixture redis, PostgresFixture postgres, ITestOutputHelper output)
{
    /// <summary>Backends that die, at the same time; two more live on.</summary>
    private const int FaultyAtOnce = 3;

    private const int Players = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Kills at each step.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("GAMESTACK_KILLS") ?? "20", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nobody_is_lost_whichever_step_a_backend_dies_at()
    {
        using var within = Waits.Within(Patience);
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var faults = Enum.GetValues<MatchStep>().SelectMany(step => Enumerable.Repeat(step, Kills)).ToArray();
        random.Shuffle(faults);
        var due = new Queue<(MatchStep Step, int After)>(faults.Select(step => (step, random.Next(1, 4))));

        await using var stores = new BackendStores((await redis.GetAsync()).ConnectionString, await postgres.CreateDatabaseAsync());
        await using var stack = await ReliabilityStack.StartAsync(stores, backends: 2);
        stack.StartPlayers(Players);
        await Task.WhenAll(Enumerable.Range(0, FaultyAtOnce).Select(_ => KillAsync()));

        // And once more, all of them at once.
        await stack.KillAllAsync();
        await stack.StartBackendAsync();
        await stack.StartBackendAsync();
        var report = await stack.FinishAsync();

        output.WriteLine($"{faults.Length} kills at {Enum.GetValues<MatchStep>().Length} steps, {stack.Ledger.Cut} calls cut, {stack.Ledger.Refused} refused");
        output.WriteLine(report.ToString());
        Assert.True(report.IsKept, report.ToString());

        async Task KillAsync()
        {
            while (TryTake(out var fault))
            {
                await stack.KillAtAsync(fault.Step, fault.After, within.Token);
            }
        }

        bool TryTake(out (MatchStep Step, int After) fault)
        {
            lock (due)
            {
                return due.TryDequeue(out fault);
            }
        }
    }
}
