using System.Diagnostics;

namespace GameStack.Tests.LoadTester;

public sealed class LoadTesterProcessTests
{
    [Fact]
    public async Task A_signal_ends_the_run_with_its_summary_and_130()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LoadTester.dll")])
        {
            Environment = { ["TARGET_URL"] = stack.Url, ["CLIENTS"] = "2" },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await stack.NextQueuedAsync();
            await stack.NextQueuedAsync();

            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

            Assert.Equal(130, process.ExitCode);
            Assert.EndsWith("matched 0, played 0, failed 0", (await output).TrimEnd(), StringComparison.Ordinal);
            Assert.Equal(2, stack.Left.Count);
        }
        finally
        {
            process.Kill();
        }
    }
}
