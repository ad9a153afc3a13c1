using System.CommandLine;
using GameStack.Bench.Growth;
using GameStack.Tests.Support;

var rounds = new Option<int>("--rounds") { Description = "Rounds, of which the tables have the medians", DefaultValueFactory = _ => 5 };
var cycles = new Option<int>("--cycles")
{
    Description = "How often a round times each operation on each queue",
    DefaultValueFactory = _ => 200,
};
var command = new RootCommand("Times the queue's operations, and the reconciler, with ever more waiting players and live matches.")
{
    rounds, cycles,
};
command.SetAction(async (arguments, _) =>
{
    await using var redis = new RedisFixture();
    var comparison = new Comparison(redis, arguments.GetValue(rounds), arguments.GetValue(cycles));
    await comparison.RunAsync("waiting players", Operations.OfWaitingPlayers, [10, 1_000, 10_000, 100_000], waiting => (waiting, 10));
    await comparison.RunAsync("live matches", Operations.OfLiveMatches, [10, 1_000, 10_000], live => (10, live));
});
return await command.Parse(args).InvokeAsync();
