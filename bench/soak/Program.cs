using System.CommandLine;
using GameStack.Tests.Reliability;
using GameStack.Tests.Support;

var minutes = new Option<double>("--minutes") { Description = "How long players come.", DefaultValueFactory = _ => 10 };
var seed = new Option<int>("--seed") { Description = "What is killed when follows from it.", DefaultValueFactory = _ => Environment.TickCount };
var logs = new Option<string?>("--logs") { Description = "A folder for what every backend printed." };
var command = new RootCommand("Players without a pause while something is killed every few seconds; then an audit, a line for each promise.") { minutes, seed, logs };
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
