using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>The commands of docs/deploy.md.</summary>
internal static class DeployPage
{
    /// <summary>Runs the commands of a block, such as that after <c>```bash redis-gamestack</c>, in the tests' namespace.</summary>
    public static Task<string> RunAsync(string block, CancellationToken cancellationToken)
    {
        var lines = File.ReadLines(Path.Combine(Repository.Root, "docs", "deploy.md"))
            .SkipWhile(line => line != $"```bash {block}")
            .Skip(1)
            .TakeWhile(line => line != "```");
        var commands = string.Join('\n', lines).Replace("ns=gamestack", $"ns={ClusterStack.Place}", StringComparison.Ordinal);
        Assert.NotEmpty(commands);
        return CommandLine.RunAsync("bash", ["-euo", "pipefail", "-c", commands], cancellationToken);
    }
}
