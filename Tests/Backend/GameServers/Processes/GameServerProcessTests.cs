using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class GameServerProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_does_not_stop_is_killed()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverStops,
            settings: ("GameServers:StopTimeout", "00:00:00.1"));
        var process = (await host.ReadyAsync(1))[0];

        await host.StopAsync();

        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.Equal(process, host.Logs.Of(402).Single().Properties["ProcessId"]);
    }

    [Fact]
    public async Task Standard_error_is_logged_as_a_warning()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.Crashes);

        var record = (await host.Logs.WaitForAsync(401, 1))[0];

        Assert.Equal("out of luck", record.Properties["Line"]);
        Assert.Equal(LogLevel.Warning, record.Level);
    }

    [Fact]
    public async Task A_server_ends_when_the_process_that_holds_its_input_is_killed()
    {
        // The inner shell becomes the sleep, which holds the writing end of the server's input, and nothing else does.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec 3>&1; sh -c 'echo PARENT $$ >&3; exec sleep 100000 3>&-' | \"$0\" 3>&-");
        start.ArgumentList.Add(GameServerPrograms.GameServer);
        start.Environment["PORT"] = start.Environment["CONTROL_PORT"] = "0";
        start.Environment["STOP_WITH_PARENT"] = "1";
        start.Environment["LISTEN_ADDRESS"] = "127.0.0.1";
        using var shell = Process.Start(start)!;
        var lines = new[] { await ReadLineAsync(shell), await ReadLineAsync(shell) };
        Assert.Contains(lines, line => line.StartsWith("READY ", StringComparison.Ordinal));
        var parent = lines.Single(line => line.StartsWith("PARENT ", StringComparison.Ordinal))["PARENT ".Length..];

        Signals.Kill(int.Parse(parent, CultureInfo.InvariantCulture));

        await shell.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public async Task Only_the_backend_holds_the_input_of_a_server()
    {
        await using var host = await FleetHost.StartAsync(standby: 8);
        var processes = await host.ReadyAsync(8);

        var inputs = processes.Select(process => OpenFile(process, "0")).ToHashSet();
        Assert.Equal(8, inputs.Count);
        foreach (var process in processes)
        {
            var files = Directory.EnumerateFiles($"/proc/{process}/fd").Select(Path.GetFileName).Select(file => OpenFile(process, file!));
            Assert.DoesNotContain(files, file => inputs.Contains(file) && file != OpenFile(process, "0"));
        }
    }

    private static string? OpenFile(int processId, string file) => new FileInfo($"/proc/{processId}/fd/{file}").LinkTarget;

    private static async Task<string> ReadLineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation)
        ?? throw new InvalidOperationException("The output ended.");
}
