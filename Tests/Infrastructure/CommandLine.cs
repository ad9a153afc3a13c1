using System.ComponentModel;
using System.Diagnostics;

namespace GameStack.Tests.Infrastructure;

/// <summary>Programs that are run to their end, at the root of the repository.</summary>
internal static class CommandLine
{
    /// <summary>What the program printed on standard output; fails the test with all that it printed when its exit code is not 0.</summary>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output, error) = await TryAsync(program, arguments, cancellationToken);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}: {error}{output}");
        return output;
    }

    /// <summary>The exit code and what the program printed; 127 for a program that does not exist.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            return (127, "", e.Message);
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
    }
}
