using System.Diagnostics;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.Cluster;

/// <summary>The operator's own commands, run at the root of the repository.</summary>
internal static class Kubectl
{
    public static Task<string> RunAsync(params string[] arguments) => RunProgramAsync("kubectl", arguments);

    /// <summary>Answers what the program printed; fails the test with what it said when it failed.</summary>
    public static async Task<string> RunProgramAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error}{await output}");
        return await output;
    }
}
