using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>However a run ends, it leaves no process behind, and Postgres has shut down cleanly.</summary>
[Collection(AppHostCollection.Name)]
public sealed class RunEndTests : IDisposable
{
    private static readonly Dictionary<string, string?> Programs = new(StringComparer.Ordinal) { ["Servers"] = "programs" };

    private readonly TestFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task After_Ctrl_C()
    {
        await Stack.RequireProgramsAsync();
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, Programs, asGroup: true);
        var before = await PlayAsync(appHost);

        appHost.Program.InterruptGroup();

        await AssertEndedInOrderAsync(appHost, before);
    }

    [Theory]
    [InlineData(UnixSignals.Terminate)]
    [InlineData(UnixSignals.HangUp)]
    public async Task After_a_signal(int signal)
    {
        await Stack.RequireProgramsAsync();
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, Programs);
        var before = await PlayAsync(appHost);

        appHost.Program.Signal(signal);

        await AssertEndedInOrderAsync(appHost, before);
    }

    [Fact]
    public async Task After_the_AppHost_was_killed()
    {
        await Stack.RequireProgramsAsync();
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, Programs);
        var before = await PlayAsync(appHost);

        appHost.Program.Kill();

        await appHost.WaitUntilGoneAsync(before);
        Assert.True(await PostgresFiles.AreShutDownAsync(_data));
    }

    [Fact]
    public async Task While_Postgres_takes_longer_than_Aspire_waits_for_a_program()
    {
        await Stack.RequireProgramsAsync();
        await using var appHost = await AppHostProgram.StartHealthyAsync(_data, Programs);
        var before = await PlayAsync(appHost);
        var checkpointer = ProcessTable.Children(await PostgresFiles.ServerIdAsync(_data))
            .Single(process => process.Command.Contains("checkpointer", StringComparison.Ordinal));
        UnixSignals.Send(checkpointer.Id, UnixSignals.Stop);

        appHost.Program.Signal(UnixSignals.Terminate);

        Assert.Equal(0, await appHost.Program.WaitForExitAsync("stopping", Waits.Patient));
        UnixSignals.Send(checkpointer.Id, UnixSignals.Continue);
        await AssertEndedInOrderAsync(appHost, before);
    }

    private async Task AssertEndedInOrderAsync(AppHostProgram appHost, IReadOnlyList<ProcessEntry> before)
    {
        await appHost.WaitUntilGoneAsync(before);
        Assert.Equal(0, await appHost.Program.WaitForExitAsync("stopping", Waits.Patient));
        Assert.True(await PostgresFiles.AreShutDownAsync(_data));
    }

    /// <summary>Starts a match, so that a game server is running too, and returns the processes that are running meanwhile.</summary>
    private static async Task<IReadOnlyList<ProcessEntry>> PlayAsync(AppHostProgram appHost)
    {
        using var within = Waits.Within(Waits.Patient);
        var seats = await appHost.Players.JoinAndWaitAsync(Players.New("player", 2), within.Token);
        await using var connection = await LineClient.ConnectAsync(seats[0], within.Token);
        Assert.Equal("RUNNING_LENGTH 600", await connection.AskAsync("REQUEST_MATCH 600"));

        var running = appHost.Processes();
        foreach (var program in new[] { "Backend", "Proxy", "GameServer", "redis-server", "postgres" })
        {
            Assert.Contains(running, process => process.Command.Contains(program, StringComparison.Ordinal));
        }

        return running;
    }
}
