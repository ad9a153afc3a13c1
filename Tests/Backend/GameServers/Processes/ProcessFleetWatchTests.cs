using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class ProcessFleetWatchTests
{
    private static readonly (string, string) OftenWatched = ("GameServers:WatchPeriod", "00:00:00.1");

    [Fact]
    public async Task A_server_that_hangs_in_its_match_is_killed_and_its_exit_reported()
    {
        await using var host = await FleetHost.StartAsync(settings: [OftenWatched, ("GameServers:WatchTimeout", "00:00:00.5"),
            ("GameServers:StopTimeout", "00:00:00.1")]);
        var server = await host.AllocateAsync();
        var process = host.ProcessIdOf(server.MatchId);

        Assert.Equal(0, Signals.Send(process, Signals.Stop));

        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.Contains(host.Logs.Of(430), record => record.Properties["Why"] is "It did not answer 3 times in a row.");
    }

    [Fact]
    public async Task A_server_whose_control_port_cannot_be_asked_lives_while_its_game_port_answers()
    {
        var probes = 0;
        var asked = new TaskCompletionSource();
        await using var rude = new RudeGameServer(line =>
        {
            // The first AUTH assigns the match.
            if (!line.StartsWith("AUTH", StringComparison.Ordinal) || ++probes == 1)
            {
                return Task.FromResult<string?>(RudeGameServer.Polite(line));
            }

            // Three probes have failed by then: a server that answers at neither port is ended.
            if (probes == 5)
            {
                asked.SetResult();
            }

            return new TaskCompletionSource<string?>().Task;
        });
        await using var host = await FleetHost.StartAsync(
            rude.Program, settings: [OftenWatched, ("GameServers:WatchTimeout", "00:00:02")]);
        var server = await host.AllocateAsync();

        await asked.Task.WaitAsync(Waits.Patient, TestContext.Current.CancellationToken);

        Assert.Empty(host.Logs.Of(430));
        Assert.Equal([server], await host.ListAsync());
    }

    [Fact]
    public async Task A_match_that_runs_on_after_its_length_is_ended()
    {
        await using var rude = RudeGameServer.Saying(line => line switch
        {
            "GET_STATE" => "STATE running",
            "GET_RUNNING_LENGTH" => "RUNNING_LENGTH 1",
            _ => null,
        });
        await using var host = await FleetHost.StartAsync(rude.Program,
            settings: [OftenWatched, ("GameServers:OverrunGrace", "00:00:00.1")]);
        var server = await host.AllocateAsync();

        Assert.Equal(server.MatchId, await host.NextExitAsync());

        Assert.Contains(host.Logs.Of(430), record => record.Properties["Why"] is "It runs on 0.1 s after its length of 1 s.");
    }

    [Fact]
    public async Task A_match_that_is_checked_often_runs_to_its_end()
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
}
