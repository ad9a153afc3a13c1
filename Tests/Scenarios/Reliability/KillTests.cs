using System.Globalization;
using System.Net;
using GameStack.Backend.Life;
using GameStack.Tests.Support;
using GameStack.Tests.Support.Reliability;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>Backends that die at every step of a match's life, on a real Redis and a real Postgres, while players come and go.</summary>
[Collection(MachineCollection.Name)]
public sealed class KillTests(RedisFixture redis, PostgresFixture postgres, ITestOutputHelper output)
{
    /// <summary>Backends that die, at the same time; two more live on.</summary>
    private const int FaultyAtOnce = 3;

    private const int Players = 24;

    /// <summary>The steps that every match takes: other steps happen only when something else has failed.</summary>
    private static readonly string[] Steps =
    [
        nameof(MatchStep.Queued), nameof(MatchStep.JoinAnswered), nameof(MatchStep.Claimed), nameof(MatchStep.ServerFound),
        nameof(MatchStep.ServerTold), nameof(MatchStep.Assigned), nameof(MatchStep.ChangeReceived), nameof(MatchStep.RecordsRead),
            nameof(MatchStep.RecordsCommitted),
        nameof(MatchStep.ServerExited), nameof(MatchStep.Ended), nameof(MatchStep.ServerReleased),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Kills at each step. 15 take about 4 minutes of two processors.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("GAMESTACK_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_backend_that_stands_still_past_its_lease_loses_the_match_and_does_no_harm()
    {
        using var within = Waits.Within(Waits.Start);
        await using var stores = new BackendStores((await redis.GetAsync()).ConnectionString, await postgres.CreateDatabaseAsync());
        await using var stack = await ReliabilityStack.StartAsync(stores, backends: 1);
        var healthy = (await stack.Backends.Live[0].Listening)!;
        var stopping = await stack.StartStoppingAtAsync(nameof(MatchStep.Claimed));
        var players = GameStack.Tests.Support.Players.New("player", 3);

        // The join that completes the match claims it, and stands still.
        var client = (await stopping.Listening)!;
        var joins = players.Select(player => client.JoinAsync(player, within.Token)).ToList();
        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(healthy, player, within.Token)));
        stopping.Signal(UnixSignals.Continue);

        Assert.All(await Task.WhenAll(joins), answer => Assert.Contains(
            answer.Ok().Text("session_id"), (string[])[$"pending:{answer.Texts("players")[0]}", seats[0].SessionId]));
        Assert.Single(seats.Select(seat => (seat.SessionId, seat.Host, seat.Port)).Distinct());
        (await healthy.EndAsync(seats[0].SessionId, within.Token)).Ok();
        foreach (var seat in seats)
        {
            stack.Ledger.Write(
                new PlayerLife(seat.Player, await stack.Queue.SinceAsync(seat.Player)) { Seat = seat, EndedSession = seat.SessionId });
        }

        var report = await stack.Audit.RunAsync();
        Assert.True(report.IsKept, report.ToString());
    }

    [Fact]
    public async Task Nobody_is_lost_whichever_step_a_backend_dies_at()
    {
        using var within = Waits.Within(Patience);
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var faults = Steps.SelectMany(step => Enumerable.Repeat(step, Kills)).ToArray();
        random.Shuffle(faults);
        var due = new Queue<(string Step, int After)>(faults.Select(step => (step, random.Next(1, 4))));

        await using var stores = new BackendStores((await redis.GetAsync()).ConnectionString, await postgres.CreateDatabaseAsync());
        await using var stack = await ReliabilityStack.StartAsync(stores, backends: 2);
        stack.StartPlayers(Players);
        await Task.WhenAll(Enumerable.Range(0, FaultyAtOnce).Select(_ => KillAsync()));

        // And once more, all of them at once.
        await stack.KillAllAsync();
        await stack.StartBackendAsync();
        await stack.StartBackendAsync();
        var report = await stack.FinishAsync();

        output.WriteLine($"{faults.Length} kills at {Steps.Length} steps, {stack.Ledger.Cut} calls cut, {stack.Ledger.Refused} refused");
        output.WriteLine(report.ToString());
        Assert.True(report.IsKept, report.ToString());

        async Task KillAsync()
        {
            while (TryTake(out var fault))
            {
                await stack.KillAtAsync(fault.Step, fault.After, within.Token);
            }
        }

        bool TryTake(out (string Step, int After) fault)
        {
            lock (due)
            {
                return due.TryDequeue(out fault);
            }
        }
    }

    /// <summary>Until this backend has heard of a join at the other one, it knows no such player.</summary>
    private static async Task<Seat> WaitUntilMatchedAsync(ContractClient client, string player, CancellationToken cancellationToken)
    {
        await Eventually.GetAsync(
            $"{player} is known",
            token => client.StatusAsync(player, token),
            answer => answer.Code != HttpStatusCode.NotFound,
            Waits.Start);
        return await client.WaitUntilMatchedAsync(player, cancellationToken);
    }
}
