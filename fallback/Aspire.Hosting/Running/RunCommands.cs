using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>What can be typed while the graph runs; the dashboard of the real packages has buttons for it.</summary>
internal sealed partial class RunCommands(IReadOnlyList<ResourceRunner> runners, RunConsole console)
{
    private const string Help =
        "start <name>, stop <name>, restart <name>: one resource.  status: the table.  Ctrl+C: the end of everything.";

    /// <summary>Obeys until the input ends, which ends nothing else.</summary>
    public async Task ReadAsync(TextReader input, CancellationToken cancellationToken)
    {
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            await ObeyAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
    }

    /// <summary>Standard input, unless reading it would halt this process: <c>dotnet run … &amp;</c> is told not to read its terminal.</summary>
    public static TextReader? Input() =>
        Console.IsInputRedirected || OperatingSystem.IsWindows() || TerminalGroup(0) == ProcessGroup()
            ? new StreamReader(Console.OpenStandardInput())
            : null;

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

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int TerminalGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int ProcessGroup();
}
