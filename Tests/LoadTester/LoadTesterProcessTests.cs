using System.Text.Json;
using GameStack.Tests.Support;

namespace GameStack.Tests.LoadTester;

public sealed class LoadTesterProcessTests
{
    [Theory]
    [InlineData(UnixSignals.Terminate)]
    [InlineData(UnixSignals.Interrupt)]
    [InlineData(UnixSignals.HangUp)]
    public async Task A_signal_ends_the_run_with_its_summary_and_130(int signal)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        await using var loadTester = RunningProgram.Start(
            "LoadTester", new Dictionary<string, string?> { ["TARGET_URL"] = stack.Url, ["CLIENTS"] = "2" });
        await stack.NextQueuedAsync();
        await stack.NextQueuedAsync();

        loadTester.Signal(signal);

        Assert.Equal(130, await loadTester.WaitForExitAsync("stopping", Waits.Patient));
        Assert.EndsWith("matched 0, played 0, failed 0", string.Join('\n', loadTester.Output).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(2, stack.Left.Count);
    }

    [Fact]
    public async Task A_closed_terminal_ends_the_run_with_its_summary_in_the_file()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "It needs the program script, which opens a terminal.");
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "summary.json");
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        var command = $"{ProductPrograms.PathOf("LoadTester")} --url {stack.Url} --clients 2 --json {file}";
        await using var terminal = RunningProgram.StartCommand(["script", "--quiet", "--return", "--command", command, "/dev/null"]);
        await stack.NextQueuedAsync();
        await stack.NextQueuedAsync();

        terminal.Kill();

        await Eventually.IsAsync("the summary", _ => Task.FromResult(new FileInfo(file) is { Exists: true, Length: > 0 }), Waits.Patient);
        Assert.Equal(2, stack.Left.Count);
    }

    [Fact]
    public async Task Another_programs_appsettings_in_the_current_folder_are_not_read()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "appsettings.json"), "not the load tester's", TestContext.Current.CancellationToken);
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions());
        const string Command = "cd \"$1\" && exec \"$0\" --url \"$2\" --clients 2 --match-duration 1";

        await using var loadTester = RunningProgram.StartCommand(
            ["/bin/sh", "-c", Command, ProductPrograms.PathOf("LoadTester"), folder.Path, stack.Url]);

        Assert.Equal(0, await loadTester.WaitForExitAsync("playing", Waits.Patient));
    }

    [Fact]
    public async Task With_fewer_descriptors_than_its_runtime_needs_it_says_so_in_one_line_and_exits_with_104()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is read from /proc.");

        await using var loadTester = RunningProgram.StartCommand(
            ["/bin/sh", "-c", "ulimit -n 140 && exec \"$0\"", ProductPrograms.PathOf("LoadTester")]);

        Assert.Equal(104, await loadTester.WaitForExitAsync("refusing", Waits.Patient));
        Assert.Equal("The limit of open files (ulimit -n) is 140, but .NET alone needs 256.", Assert.Single(loadTester.Lines));
    }

    [Fact]
    public async Task Too_few_descriptors_are_said_before_the_run_and_are_one_reason_after_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is read from /proc.");
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        const string Command = "ulimit -n 400 && exec \"$0\" --url \"$1\" --clients 1000 --give-up 30 --output json";

        await using var loadTester = RunningProgram.StartCommand(
            ["/bin/sh", "-c", Command, ProductPrograms.PathOf("LoadTester"), stack.Url]);
        var exitCode = await loadTester.WaitForExitAsync("failing", Waits.Start);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            "1000 players need up to 2250 open files, but this process may have only 400: "
            + "players may fail with \"too many open files\". Raise the limit (ulimit -n).",
            loadTester.Errors[0]);
        using var summary = JsonDocument.Parse(string.Join('\n', loadTester.Output));
        var reasons = summary.RootElement.GetProperty("failures").EnumerateArray()
            .Select(failure => failure.GetProperty("reason").GetString()).ToArray();
        Assert.Contains("too many open files", reasons);
        Assert.All(reasons, reason => Assert.True(reason is "too many open files" or "match: gave up after 30 s", reason));
    }
}
