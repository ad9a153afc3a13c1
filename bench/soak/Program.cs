using System.CommandLine;
using GameStack.Tests.Support;
using GameStack.Tests.Support.Reliability;

var minutes = new Option<double>("--minutes") { Description = "How long players join [default 10]", DefaultValueFactory = _ => 10 };
var seed = new Option<int>("--seed")
{
    Description = "Determines what is killed and when [default: another one for each run]",
    DefaultValueFactory = _ => Environment.TickCount,
};
var logs = new Option<string?>("--logs") { Description = "A folder for the output of every backend" };
const string Description =
    "Lets simulated players play without a pause, kills something every few seconds, and then audits what the players were told.";
var command = new RootCommand(Description) { minutes, seed, logs };
command.SetAction(async (arguments, _) =>
{
    await using var redis = new RedisFixture();
    await using var postgres = new PostgresFixture();
    var soak = new Soak(TimeSpan.FromMinutes(arguments.GetValue(minutes)), arguments.GetValue(seed), Console.WriteLine)
    {
        Logs = arguments.GetValue(logs),
    };
    return (await soak.RunAsync(redis, postgres)).IsKept ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
