using System.ComponentModel;

namespace GameStack.Tests.Support;

/// <summary>Runs programs and waits for them to end, at the root of the repository.</summary>
internal static class CommandLine
{
    /// <summary>
    /// Returns what the program printed on standard output. If the exit code is not 0, fails the test and shows all output.
    /// </summary>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output, error) = await TryAsync(program, arguments, cancellationToken);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}: {error}{output}");
        return output;
    }

    /// <summary>Returns the exit code and what the program printed; a missing program gives 127.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using var running = RunningProgram.StartCommand([program, .. arguments]);
            running.CloseInput();
            var exitCode = await running.WaitForExitAsync("running", Timeout.InfiniteTimeSpan).WaitAsync(cancellationToken);
            return (exitCode, string.Join('\n', running.Output), string.Join('\n', running.Errors));
        }
        catch (Win32Exception e)
        {
            return (127, "", e.Message);
        }
    }
}
