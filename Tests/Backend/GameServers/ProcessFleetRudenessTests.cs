
namespace GameStack.Tests.Backend.GameServers;

public sealed class ProcessFleetRudenessTests
{
    private static readonly (string, string) OftenWatched = ("GameServers:WatchPeriod", "00:00:00.1");

    [Theory]
    [InlineData("AUTH", "DENIED", "The game server did not accept its session: DENIED")]
    [InlineData("ASSIGN", "DENIED", "The game server did not accept its session: DENIED")]
    [InlineData("ASSIGN", "UNKNOWN", "The game server did not accept its session: UNKNOWN")]
    [InlineData("ASSIGN", "BUSY 0b6e2a8e-0000-4000-8000-000000000001", "The game server has another session: BUSY 0b6e2a8e-0000-4000-8000-000000000001")]
    [InlineData("GET_STATE", "STATE stop", "The game server is not open to its players: STATE stop")]
    public async Task A_server_that_refuses_its_session_is_killed_and_given_to_nobody(string word, string says, string failure)
    {
        await using var rude = RudeGameServer.Saying(line => line.StartsWith(word, StringComparison.Ordinal) ? says : null);
        await using var host = await FleetHost.StartAsync(rude.Program);

        Assert.Equal(failure, (await host.AllocateAsync(Guid.NewGuid())).Failure);

        var killed = (await host.Logs.WaitForAsync(421, 2)).Select(record => (int)record.Properties["ProcessId"]!);
        Assert.DoesNotContain(killed, process => Directory.Exists($"/proc/{process}"));
        Assert.Empty(await host.ListAsync());
    }

    [Fact]
    public async Task A_server_that_hangs_while_it_is_given_its_session_is_killed()
    {
        await using var rude = new RudeGameServer(_ => new TaskCompletionSource<string?>().Task);
        await using var host = await FleetHost.StartAsync(rude.Program, settings: ("GameServers:AssignTimeout", "00:00:00.2"));

        Assert.Equal(
            "The game server did not answer on its control port within 0.2 s.", (await host.AllocateAsync(Guid.NewGuid())).Failure);
    }

    [Fact]
    public async Task A_server_that_crashes_while_it_is_given_its_session_is_given_to_nobody()
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

    [Fact]
    public async Task A_server_that_hangs_in_its_match_is_killed_and_its_exit_reported()
    {
        await using var host = await FleetHost.StartAsync(settings: [OftenWatched, ("GameServers:WatchTimeout", "00:00:00.5"), ("GameServers:StopTimeout", "00:00:00.1")]);
        var server = await host.AllocateAsync();
        var process = host.ProcessIdOf(server.MatchId);

        Assert.Equal(0, Signals.Send(process, Signals.Stop));

        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.Contains(host.Logs.Of(430), record => record.Properties["Why"] is "It did not answer 3 times in a row.");
    }

    [Fact]
    public async Task A_server_that_plays_on_after_its_length_is_ended()
    {
        await using var rude = RudeGameServer.Saying(line => line switch
        {
            "GET_STATE" => "STATE running",
            "GET_RUNNING_LENGTH" => "RUNNING_LENGTH 1",
            _ => null,
        });
        await using var host = await FleetHost.StartAsync(rude.Program, settings: [OftenWatched, ("GameServers:OverrunGrace", "00:00:00.1")]);
        var server = await host.AllocateAsync();

        Assert.Equal(server.MatchId, await host.NextExitAsync());

        Assert.Contains(host.Logs.Of(430), record => record.Properties["Why"] is "It runs on 0.1 s after its length of 1 s.");
    }

    [Fact]
    public async Task A_server_that_is_asked_often_how_it_is_plays_its_match_to_its_end()
    {
        await using var host = await FleetHost.StartAsync(settings: [OftenWatched, ("GameServers:OverrunGrace", "00:01:00")]);
        var server = await host.AllocateAsync();
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("RUNNING_LENGTH 2", await player.AskAsync("REQUEST_MATCH 2"));
        Assert.Equal("STATE running", await player.HearAsync());
        Assert.Equal("STATE stop", await player.HearAsync());

        Assert.Equal(server.MatchId, await host.NextExitAsync());

        Assert.Empty(host.Logs.Of(430));
    }

    [Fact]
    public async Task A_fleet_that_drains_gives_out_no_server_and_waits_for_those_that_play()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GameServers:DrainSeconds", "600"));
        var server = await host.AllocateAsync();
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("RUNNING_LENGTH 600", await player.AskAsync("REQUEST_MATCH 600"));
        Assert.Equal("STATE running", await player.HearAsync());

        var drained = host.Fleet.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal("This backend is stopping.", (await host.AllocateAsync(Guid.NewGuid())).Failure);
        Assert.Equal("STATE running", await player.AskAsync("GET_STATE"));
        Assert.False(drained.IsCompleted);
        player.Dispose();
        await drained.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(server.MatchId, await host.NextExitAsync());
    }

    [Fact]
    public async Task What_still_plays_when_the_time_to_drain_is_over_is_ended_and_its_players_told()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GameServers:DrainSeconds", "0"));
        var server = await host.AllocateAsync();
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));

        await host.Fleet.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal("STATE stop", await player.HearAsync());
        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.Empty(await host.ListAsync());
    }
}
