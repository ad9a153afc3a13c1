using System.Text.RegularExpressions;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>
/// By default, the graph uses containers if an engine is running, otherwise programs. Either way, 60 players play, and nothing is left
/// behind.
/// </summary>
[Collection(AppHostCollection.Name)]
public sealed class EngineTests : IDisposable
{
    private readonly TestFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Without_an_engine_Redis_and_Postgres_are_programs()
    {
        await Stack.RequireProgramsAsync();
        using var path = new SearchPath();
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, new Dictionary<string, string?> { ["PATH"] = path.Value });

        Assert.Contains(appHost.Processes(), process => process.Command.Contains("redis-server", StringComparison.Ordinal));
        await PlayAsync(appHost);
    }

    [Fact]
    public async Task With_an_engine_they_are_containers()
    {
        var engine = await ContainerEngine.FindAsync(TestContext.Current.CancellationToken);
        try
        {
            var others = await engine.ContainersAsync(TestContext.Current.CancellationToken);
            await using var appHost = await AppHostProgram.StartHealthyAsync(_data, new Dictionary<string, string?>());
            var own = (await engine.ContainersAsync(TestContext.Current.CancellationToken)).Except(others).ToArray();
            Assert.Contains(own, name => name.StartsWith("redis-", StringComparison.Ordinal));
            Assert.Contains(own, name => name.StartsWith("postgres-", StringComparison.Ordinal));
            Assert.DoesNotContain(appHost.Program.Lines, line => line.Contains("Servers=programs", StringComparison.Ordinal));
            await PlayAsync(appHost);
            var before = appHost.Processes();

            appHost.Program.Signal(UnixSignals.Terminate);

            await appHost.WaitUntilGoneAsync(before);
            Assert.Equal(0, await appHost.Program.WaitForExitAsync("stopping", Waits.Patient));
            Assert.Empty((await engine.ContainersAsync(TestContext.Current.CancellationToken)).Intersect(own));
        }
        finally
        {
            await engine.RemoveVolumesAsync(_data);
        }
    }

    [Fact]
    public async Task Without_the_images_the_console_says_what_the_run_waits_for_and_what_fails()
    {
        var engine = await ContainerEngine.FindAsync(TestContext.Current.CancellationToken);
        using var folder = new TestFolder();
        try
        {
            engine.WriteFailing(folder.Path, "image inspect", "create");
            await using var appHost = AppHostProgram.Start(
                _data, new Dictionary<string, string?> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" });

            foreach (var server in new[] { "redis", "postgres" })
            {
                await WaitForLineAsync($"Fetching container images: .*library/{server}:.*[.] .* set Servers=programs[.]$");
                await WaitForLineAsync($"^The container {server} could not be started: .* set Servers=programs[.]$");
            }

            Task WaitForLineAsync(string pattern) => appHost.Program.WaitForLineAsync(
                line => Regex.IsMatch(line, pattern, RegexOptions.None, Waits.Patient) ? line : null, pattern, Waits.Start);
        }
        finally
        {
            await engine.RemoveVolumesAsync(_data);
        }
    }

    [Fact]
    public async Task After_a_kill_the_next_run_waits_until_the_containers_are_gone()
    {
        var engine = await ContainerEngine.FindAsync(TestContext.Current.CancellationToken);
        try
        {
            string match;
            var players = Players.New("remembered", 2);
            using var within = Waits.Within(Waits.Start * 2);
            await using (var first = await AppHostProgram.StartHealthyAsync(_data, new Dictionary<string, string?>()))
            {
                match = (await first.Players.JoinAndWaitAsync(players, within.Token))[0].SessionId;
                (await first.Players.EndAsync(match, within.Token)).Ok();
                first.Program.Kill();

                await using var second = await AppHostProgram.StartHealthyAsync(_data, new Dictionary<string, string?>());
                Assert.Equal(match, (await second.Players.StatusAsync(players[0], within.Token)).Ok().Text("session_id"));
            }
        }
        finally
        {
            await engine.RemoveVolumesAsync(_data);
        }
    }

    private static Task PlayAsync(AppHostProgram appHost) => LoadTesterRun.PlayAsync(appHost.Proxy.Root, clients: 60);
}
