using GameStack.Tests.EndToEnd;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.AppHost;

/// <summary>Without a setting the graph takes containers where an engine runs, else programs. Either way 60 players play, and nothing is left.</summary>
[Collection(MachineCollection.Name)]
public sealed class EngineTests : IDisposable
{
    private readonly TestFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Without_an_engine_Redis_and_Postgres_are_programs()
    {
        using var path = new SearchPath();
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, new Dictionary<string, string?> { ["PATH"] = path.Value });

        Assert.Contains(appHost.Processes(), process => process.Command.Contains("redis-server", StringComparison.Ordinal));
        await PlayAsync(appHost);
    }

    [Fact]
    public async Task With_an_engine_they_are_containers()
    {
        var engine = await ContainerEngine.FindAsync(TestContext.Current.CancellationToken);
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, new Dictionary<string, string?>());
        var containers = await engine.ContainersAsync(TestContext.Current.CancellationToken);
        try
        {
            Assert.Contains(containers, name => name.StartsWith("redis-", StringComparison.Ordinal));
            Assert.Contains(containers, name => name.StartsWith("postgres-", StringComparison.Ordinal));
            await PlayAsync(appHost);
            var before = appHost.Processes();

            appHost.Program.Signal(RunningProgram.SigTerm);

            Assert.Empty(await appHost.WaitUntilGoneAsync(before));
            Assert.Equal(0, await appHost.Program.WaitForExitAsync("stopping", Waits.Patient));
            Assert.Empty(containers.Intersect(await engine.ContainersAsync(TestContext.Current.CancellationToken)));
        }
        finally
        {
            await engine.RemoveVolumesAsync(_data);
        }
    }

    private static async Task PlayAsync(AppHostProgram appHost)
    {
        await using var loadTester = RunningProgram.Start("LoadTester", new Dictionary<string, string?>
        {
            ["CLIENTS"] = "60",
            ["TARGET_URL"] = appHost.Proxy.Root.ToString().TrimEnd('/'),
            ["MATCH_DURATION"] = "2",
        });
        Assert.Equal(0, await loadTester.WaitForExitAsync("playing sixty clients", Waits.Start));
        Assert.Equal("matched 60, played 60, failed 0", loadTester.Lines.Last(line => line.Length > 0));
    }
}
