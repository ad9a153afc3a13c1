using System.Diagnostics;
using Aspire.Hosting.Running;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.AppHost;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task A_program_that_does_not_end_when_told_is_killed_with_its_children()
    {
        using var folder = new TestFolder();
        var pipe = Path.Combine(folder.Path, "held by the child");
        var output = new OutputLines();
        var process = await StartAsync(
            $"trap '' TERM; mkfifo '{pipe}'; (trap '' TERM; sleep 600) 3>'{pipe}' & echo child; wait", output, TimeSpan.FromMilliseconds(200));
        await output.WaitForAsync("child");
        await using var held = File.OpenRead(pipe);

        await process.DisposeAsync();

        Assert.Equal(137, await process.Exited);
        var end = held.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(0, await end.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_program_is_told_first_and_its_last_words_are_heard()
    {
        var output = new OutputLines();
        var process = await StartAsync("trap 'echo last words; exit 7' TERM; echo up; while :; do sleep 0.05; done", output, TimeSpan.FromSeconds(60));
        await output.WaitForAsync("up");

        await process.DisposeAsync();

        Assert.Equal(7, await process.Exited);
        await output.WaitForAsync("last words");
    }

    [Fact]
    public async Task What_a_terminal_sends_to_the_AppHost_does_not_reach_its_programs()
    {
        var output = new OutputLines();
        await using var process = await StartAsync("echo group $(ps -o pgid= -p $$)", output, TimeSpan.FromSeconds(60));

        var line = await output.WaitForAsync("group ");

        Assert.NotEqual(GroupOf(Environment.ProcessId), line["group ".Length..].Trim());
    }

    private static Task<ChildProcess> StartAsync(string script, OutputLines output, TimeSpan patience) => ChildProcess.StartAsync(
        ["/bin/sh", "-c", script], Path.GetTempPath(), new Dictionary<string, string>(StringComparer.Ordinal), output.WriteLine, patience);

    private static string GroupOf(int process)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-o", "pgid=", "-p", $"{process}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return ps.StandardOutput.ReadToEnd().Trim();
    }
}
