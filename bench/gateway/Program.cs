using System.CommandLine;
using GameStack.Bench.Gateway;

var seconds = new Option<int>("--seconds") { Description = "How long each figure is measured", DefaultValueFactory = _ => 10 };
var connections = new Option<int>("--connections")
{
    Description = "Connections for the latency",
    DefaultValueFactory = _ => 2000,
};
var idle = new Option<int>("--idle") { Description = "Connections for the memory", DefaultValueFactory = _ => 6000 };
var only = new Option<string>("--only")
{
    Description = "The targets, separated by commas",
    DefaultValueFactory = _ => string.Join(',', Target.Names),
};
var command = new RootCommand("Compares the gateway with a direct connection, HAProxy and nginx in TCP mode, on this machine.")
{
    seconds, connections, idle, only,
};
command.SetAction((arguments, cancellationToken) => Comparison.RunAsync(
    TimeSpan.FromSeconds(arguments.GetValue(seconds)), arguments.GetValue(connections), arguments.GetValue(idle),
    arguments.GetValue(only)!.Split(','), cancellationToken));

// The programs under test, and the game servers, are processes of their own.
var matches = new Command("matches", "Runs the game servers' ends of the connections.");
matches.SetAction((_, cancellationToken) => MatchPorts.RunAsync(cancellationToken));
command.Add(matches);

var keyFile = new Argument<string>("key-file");
var isChecked = new Argument<bool>("checked");
var gateway = new Command("gateway", "Runs the gateway, with the check of tickets or without.") { keyFile, isChecked };
gateway.SetAction((arguments, cancellationToken) =>
    GatewayProgram.RunAsync(arguments.GetValue(keyFile)!, arguments.GetValue(isChecked), cancellationToken));
command.Add(gateway);

return await command.Parse(args).InvokeAsync();
