using GameStack.Tests.Support;

namespace GameStack.Tests.LoadTester;

public sealed class LoadTesterProcessTests
{
    [Fact]
    public async Task A_signal_ends_the_run_with_its_summary_and_130()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        await using var loadTester = RunningProgram.Start(
            "LoadTester", new Dictionary<string, string?> { ["TARGET_URL"] = stack.Url, ["CLIENTS"] = "2" });
        await stack.NextQueuedAsync();
        await stack.NextQueuedAsync();

        Assert.Equal(130, await loadTester.StopAsync());

        Assert.EndsWith("matched 0, played 0, failed 0", string.Join('\n', loadTester.Output).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(2, stack.Left.Count);
    }
}
