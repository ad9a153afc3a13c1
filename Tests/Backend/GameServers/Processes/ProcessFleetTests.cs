using GameStack.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class ProcessFleetTests
{
    [Fact]
    public async Task Players_play_on_the_server_of_their_match()
    {
        await using var host = await FleetHost.StartAsync();
        var server = await host.AllocateAsync();
        Assert.Equal($"game-server-{server.MatchId.ToString()[..8]}", server.Name);
        Assert.Equal([server], await host.ListAsync());

        using var first = await Player.ConnectAsync(server);
        using var second = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await second.AskAsync("GET_STATE"));
        Assert.Contains("RUNNING_LENGTH 1", new[] { await first.AskAsync("REQUEST_MATCH 1"), await first.HearAsync() });
        Assert.Equal("STATE running", await second.HearAsync());
        Assert.Equal("STATE stop", await second.HearAsync());
        Assert.Null(await second.HearAsync());

        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.Empty(await host.ListAsync());
    }

    [Fact]
    public async Task A_client_gets_no_longer_match_than_the_setting_allows()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GameServers:LongestMatch", "02:00:00"));
        var server = await host.AllocateAsync();
        using var player = await Player.ConnectAsync(server);

        Assert.Equal("RUNNING_LENGTH 7200", await player.AskAsync("REQUEST_MATCH 86400"));
    }

    [Fact]
    public async Task A_full_fleet_says_so_until_a_match_ends()
    {
        await using var host = await FleetHost.StartAsync(standby: 1, maxServers: 2);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var first = await host.AllocateAsync();
        await host.AllocateAsync();

        Assert.Equal("2 game servers are running or starting, as many as GameServers__MaxServers allows.", host.Fleet.WhyFull);
        var full = await health.CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Degraded, full.Entries["game_servers"].Status);

        await host.EndAsync(first.MatchId);
        await host.NextExitAsync();
        await Eventually.IsAsync("not full", _ => Task.FromResult(host.Fleet.WhyFull is null), Waits.Patient);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task Players_get_an_IPv6_address_without_brackets_and_play_there()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GAME_SERVER_CONNECT_HOST", "[::1]"));

        var server = await host.AllocateAsync();

        Assert.Equal("::1", server.Host);
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_match_that_is_allocated_again_and_again_has_one_server()
    {
        await using var host = await FleetHost.StartAsync();
        var matchId = Guid.NewGuid();

        var atOnce = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.AllocateAsync(matchId)));
        var later = await host.AllocateAsync(matchId);

        Assert.NotNull(later.Value);
        Assert.All(atOnce, allocation => Assert.Equal(later.Value, allocation.Value));
        Assert.Single(await host.ListAsync());
    }

    [Fact]
    public async Task A_caller_that_cancels_does_not_cancel_the_allocation()
    {
        await using var host = await FleetHost.StartAsync();
        var matchId = Guid.NewGuid();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            host.Fleet.AllocateAsync(matchId, [], new CancellationToken(canceled: true)));

        var allocation = await host.AllocateAsync(matchId);
        Assert.Equal(allocation.Value, Assert.Single(await host.ListAsync()));
        Assert.Single(await host.Logs.WaitForAsync(420, 1));
    }

    [Fact]
    public async Task A_hundred_matches_at_once_get_a_hundred_servers()
    {
        await using var host = await FleetHost.StartAsync(standby: 4);

        var servers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => host.AllocateAsync()));

        Assert.Distinct(servers.Select(server => server.Port));
        Assert.Distinct(servers.Select(server => host.ProcessIdOf(server.MatchId)));
        Assert.Equal(servers.OrderBy(server => server.MatchId), (await host.ListAsync()).OrderBy(server => server.MatchId));
    }

    [Fact]
    public async Task A_killed_server_is_reported()
    {
        await using var host = await FleetHost.StartAsync();
        var other = await host.AllocateAsync();
        var server = await host.AllocateAsync();

        Signals.Kill(host.ProcessIdOf(server.MatchId));

        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.Equal([other], await host.ListAsync());
    }

    [Fact]
    public async Task A_match_whose_server_was_killed_can_have_another()
    {
        await using var host = await FleetHost.StartAsync();
        var server = await host.AllocateAsync();
        Signals.Kill(host.ProcessIdOf(server.MatchId));
        await host.NextExitAsync();

        var again = await host.AllocateAsync(server.MatchId);

        using var player = await Player.ConnectAsync(again.Value!);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task Exits_are_kept_until_they_are_watched()
    {
        await using var host = await FleetHost.StartAsync();
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.AllocateAsync()));
        foreach (var server in servers)
        {
            await host.EndAsync(server.MatchId);
        }

        await host.Logs.WaitForAsync(422, 5);

        var exits = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            exits.Add(await host.NextExitAsync());
        }

        Assert.Equal(servers.Select(server => server.MatchId).Order(), exits.Order());
    }

    [Fact]
    public async Task Ending_a_match_notifies_its_players()
    {
        await using var host = await FleetHost.StartAsync();
        var server = await host.AllocateAsync();
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));

        await host.EndAsync(server.MatchId);
        await host.EndAsync(server.MatchId);

        Assert.Equal("STATE stop", await player.HearAsync());
        Assert.Null(await player.HearAsync());
        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.Equal(0, host.Logs.Of(422).Single().Properties["ExitCode"]);
    }

    [Fact]
    public async Task Ending_a_match_that_has_no_server_does_nothing()
    {
        await using var host = await FleetHost.StartAsync();
        var server = await host.AllocateAsync();

        await host.EndAsync(Guid.NewGuid());

        Assert.Equal([server], await host.ListAsync());
    }

    [Fact]
    public async Task A_match_that_ends_while_its_server_starts_gets_none()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverReady, standby: 0);
        var matchId = Guid.NewGuid();
        var allocating = host.AllocateAsync(matchId);

        await host.EndAsync(matchId);

        Assert.Equal("The match ended before it had a game server.", (await allocating).Failure);
        Assert.Empty(await host.ListAsync());
    }

    [Fact]
    public async Task An_allocation_does_not_wait_longer_than_its_own_limit()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverReady,
            settings: ("GameServers:AllocationTimeout", "00:00:00.1"));

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("There was no game server within 0.1 s.", allocation.Failure);
    }

    [Fact]
    public async Task A_draining_fleet_hands_out_no_server_and_waits_for_running_matches()
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
    public async Task A_match_that_outlasts_the_drain_is_ended_and_its_players_are_notified()
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
