using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>The operator's own command, run at the root of the repository.</summary>
internal static class Kubectl
{
    public static Task<string> RunAsync(params string[] arguments) => CommandLine.RunAsync("kubectl", arguments, CancellationToken.None);
}
