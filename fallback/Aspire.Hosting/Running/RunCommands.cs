using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>What can be typed while the graph runs; the dashboard of the real packages has buttons for it.</summary>
internal sealed partial class RunCommands(IReadOnlyList<ResourceRunner> runners, RunConsole console)
{
    private const string Help =
        "start <name>, stop <name>, restart <name>: one resource.  status: the table.  Ctrl+C: the end of everything.";

    /// <summary>Obeys until standard input ends, which ends nothing else.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!MayRead())
        {
            return;
        }

        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            await ObeyAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
    }

    private async Task ObeyAsync(string[] words)
    {
        switch (words)
        {
            case []:
                break;
            case ["status"]:
                console.WriteTable(runners);
                break;
            case ["start" or "stop" or "restart", var name]:
                if (runners.FirstOrDefault(runner => string.Equals(runner.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } runner)
                {
                    console.WriteLine($"There is no resource '{name}'.");
                    break;
                }

                if (words[0] is not "start")
                {
                    await runner.StopAsync();
                }

                if (words[0] is not "stop")
                {
                    runner.Start();
                }

                break;
            default:
                console.WriteLine(Help);
                break;
        }
    }

    // A program that reads a terminal from the background (`dotnet run … &`) is halted by it.
    private static bool MayRead() =>
        Console.IsInputRedirected || OperatingSystem.IsWindows() || TerminalGroup(0) == ProcessGroup();

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int TerminalGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int ProcessGroup();
}
