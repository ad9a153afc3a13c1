using System.CommandLine;
using GameStack.Bench.Matches;
using GameStack.Tests.Support;

var parts = new Dictionary<string, Func<BenchPrograms, BenchStores, Task>>(StringComparer.Ordinal)
{
    ["standby"] = MatchParts.StandbyAsync,
    ["burst"] = MatchParts.BurstAsync,
    ["rates"] = MatchParts.RatesAsync,
    ["streams"] = IdleStreams.MeasureAsync,
    ["start"] = FreshStarts.MeasureAsync,
};
var only = new Option<string>("--only")
{
    Description = "The parts, separated by commas",
    DefaultValueFactory = _ => string.Join(',', parts.Keys),
};
var root = new Option<string>("--root")
{
    Description = "The checkout whose programs are measured, built in Release",
    DefaultValueFactory = _ => Repository.Root,
};
var command = new RootCommand("Measures the way from a join to a match, on a stack of its own.") { only, root };
command.SetAction(async (arguments, _) =>
{
    var programs = new BenchPrograms(arguments.GetValue(root)!);
    await using var stores = new BenchStores();
    foreach (var part in arguments.GetValue(only)!.Split(','))
    {
        await parts[part](programs, stores);
    }
});
return await command.Parse(args).InvokeAsync();
