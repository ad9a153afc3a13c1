namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class MatchProcessesTests
{
    [Theory]
    [InlineData("AUTH", "DENIED", "The game server did not accept its session: DENIED")]
    [InlineData("ASSIGN", "DENIED", "The game server did not accept its session: DENIED")]
    [InlineData("ASSIGN", "UNKNOWN", "The game server did not accept its session: UNKNOWN")]
    [InlineData("ASSIGN", "BUSY 0b6e2a8e-0000-4000-8000-000000000001", "The game server has another session: BUSY 0b6e2a8e-0000-4000-8000-000000000001")]
    [InlineData("GET_STATE", "STATE stop", "The game server is not open to its players: STATE stop")]
    public async Task A_server_that_refuses_its_match_is_killed_and_not_handed_out(string word, string says, string failure)
    {
        await using var rude = RudeGameServer.Saying(line => line.StartsWith(word, StringComparison.Ordinal) ? says : null);
        await using var host = await FleetHost.StartAsync(rude.Program);

        Assert.Equal(failure, (await host.AllocateAsync(Guid.NewGuid())).Failure);

        var killed = (await host.Logs.WaitForAsync(421, 2)).Select(record => (int)record.Properties["ProcessId"]!);
        Assert.DoesNotContain(killed, process => Directory.Exists($"/proc/{process}"));
        Assert.Empty(await host.ListAsync());
    }

    [Fact]
    public async Task A_server_that_never_listens_is_killed_and_not_handed_out()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverListens);
        var matchId = Guid.NewGuid();

        var allocation = await host.AllocateAsync(matchId);

        Assert.StartsWith("The game server could not be reached on its control port: ", allocation.Failure);
        var killed = (await host.Logs.WaitForAsync(421, 2)).Select(record => (int)record.Properties["ProcessId"]!);
        Assert.DoesNotContain(killed, process => Directory.Exists($"/proc/{process}"));
        Assert.Empty(await host.ListAsync());
        await host.StopAsync();
        Assert.Empty(host.Logs.Of(422));
    }

    [Fact]
    public async Task A_server_that_hangs_during_its_assignment_is_killed()
    {
        await using var rude = new RudeGameServer(_ => new TaskCompletionSource<string?>().Task);
        await using var host = await FleetHost.StartAsync(rude.Program, settings: ("GameServers:AssignTimeout", "00:00:00.2"));

        Assert.Equal(
            "The game server did not answer on its control port within 0.2 s.", (await host.AllocateAsync(Guid.NewGuid())).Failure);
    }

    [Fact]
    public async Task A_server_that_crashes_during_its_assignment_is_not_handed_out()
    {
        RudeGameServer? rude = null;
        rude = new RudeGameServer(line =>
        {
            if (line.StartsWith("AUTH", StringComparison.Ordinal))
            {
                return Task.FromResult<string?>("OK");
            }

            rude!.Crash();
            return Task.FromResult<string?>(null);
        });
        await using var program = rude;
        await using var host = await FleetHost.StartAsync(rude.Program);

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Null(allocation.Value);
        Assert.NotNull(allocation.Failure);
        Assert.Empty(await host.ListAsync());
    }
}
