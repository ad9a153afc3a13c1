using System.Diagnostics;
using System.Globalization;

namespace GameStack.Tests.Backend.GameServers;

public sealed class ProcessFleetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Players_play_on_the_server_that_their_match_was_given()
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
    public async Task A_match_that_is_asked_for_again_and_again_has_one_server()
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
    public async Task A_caller_who_goes_away_does_not_take_the_match_along()
    {
        await using var host = await FleetHost.StartAsync();
        var matchId = Guid.NewGuid();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Fleet.AllocateAsync(matchId, [], new CancellationToken(canceled: true)));

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

        Kill(host.ProcessIdOf(server.MatchId));

        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.Equal([other], await host.ListAsync());
    }

    [Fact]
    public async Task A_match_whose_server_was_killed_can_have_another()
    {
        await using var host = await FleetHost.StartAsync();
        var server = await host.AllocateAsync();
        Kill(host.ProcessIdOf(server.MatchId));
        await host.NextExitAsync();

        var again = await host.AllocateAsync(server.MatchId);

        using var player = await Player.ConnectAsync(again.Value!);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task No_exit_is_lost_while_nobody_watches()
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
    public async Task Ending_a_match_tells_its_players()
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
    public async Task A_server_that_is_taken_from_standby_is_replaced()
    {
        await using var host = await FleetHost.StartAsync(standby: 2);
        await host.ReadyAsync(2);
        Assert.Equal(2, host.Fleet.StandbyCount);

        await host.AllocateAsync();

        await host.ReadyAsync(3);
        Assert.Equal(2, host.Fleet.StandbyCount);
    }

    [Fact]
    public async Task A_server_that_dies_on_standby_is_replaced()
    {
        await using var host = await FleetHost.StartAsync(standby: 2);
        var processes = await host.ReadyAsync(2);

        Kill(processes[0]);

        await host.ReadyAsync(3);
        Assert.Equal(2, host.Fleet.StandbyCount);
        await host.AllocateAsync();
    }

    [Fact]
    public async Task There_are_never_more_servers_than_allowed()
    {
        await using var host = await FleetHost.StartAsync(standby: 1, maxServers: 2);
        var first = await host.AllocateAsync();
        await host.AllocateAsync();

        var third = await host.AllocateAsync(Guid.NewGuid());
        Assert.Equal("2 game servers are running, as many as GameServers:MaxServers allows.", third.Failure);

        await host.EndAsync(first.MatchId);
        await host.NextExitAsync();
        await host.AllocateAsync();
    }

    [Fact]
    public async Task Players_are_told_the_host_that_is_set()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GAME_SERVER_CONNECT_HOST", "localhost"));

        var server = await host.AllocateAsync();

        Assert.Equal("localhost", server.Host);
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_host_that_stops_leaves_nothing_behind()
    {
        await using var host = await FleetHost.StartAsync(standby: 2);
        var server = await host.AllocateAsync();
        var processes = await host.ReadyAsync(3);
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));

        await host.StopAsync();

        Assert.Equal("STATE stop", await player.HearAsync());
        Assert.Null(await player.HearAsync());
        Assert.DoesNotContain(processes, IsThere);
        Assert.Equal(server.MatchId, await host.NextExitAsync());
        Assert.Equal("This backend is stopping.", (await host.AllocateAsync(Guid.NewGuid())).Failure);
    }

    [Fact]
    public async Task A_host_that_is_disposed_of_without_a_stop_leaves_nothing_behind()
    {
        var host = await FleetHost.StartAsync(standby: 2);
        await host.AllocateAsync();
        var processes = await host.ReadyAsync(3);

        await host.DisposeAsync();

        Assert.DoesNotContain(processes, IsThere);
    }

    [Fact]
    public async Task A_server_ends_when_who_holds_its_input_is_killed()
    {
        // The inner shell becomes the sleep, which holds the writing end of the server's input, and nothing else does.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec 3>&1; sh -c 'echo PARENT $$ >&3; exec sleep 100000 3>&-' | \"$0\" 3>&-");
        start.ArgumentList.Add(GameServerPrograms.GameServer);
        start.Environment["PORT"] = start.Environment["CONTROL_PORT"] = "0";
        start.Environment["STOP_WITH_PARENT"] = "1";
        start.Environment["LISTEN_ADDRESS"] = "127.0.0.1";
        using var shell = Process.Start(start)!;
        var lines = new[] { await ReadLineAsync(shell), await ReadLineAsync(shell) };
        Assert.Contains(lines, line => line.StartsWith("READY ", StringComparison.Ordinal));
        var parent = lines.Single(line => line.StartsWith("PARENT ", StringComparison.Ordinal))["PARENT ".Length..];

        Kill(int.Parse(parent, CultureInfo.InvariantCulture));

        await shell.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public async Task Nobody_but_the_backend_holds_the_input_of_a_server()
    {
        await using var host = await FleetHost.StartAsync(standby: 8);
        var processes = await host.ReadyAsync(8);

        var inputs = processes.Select(process => OpenFile(process, "0")).ToHashSet();
        Assert.Equal(8, inputs.Count);
        foreach (var process in processes)
        {
            var files = Directory.EnumerateFiles($"/proc/{process}/fd").Select(Path.GetFileName).Select(file => OpenFile(process, file!));
            Assert.DoesNotContain(files, file => inputs.Contains(file) && file != OpenFile(process, "0"));
        }
    }

    [Fact]
    public async Task A_server_does_not_see_the_backends_secrets_and_nobody_sees_its_token()
    {
        Environment.SetEnvironmentVariable("FLEET_TESTS_SECRET", "do not tell");
        await using var host = await FleetHost.StartAsync();
        var process = (await host.ReadyAsync(1))[0];

        var environment = await File.ReadAllTextAsync($"/proc/{process}/environ", Cancellation);
        var commandLine = await File.ReadAllTextAsync($"/proc/{process}/cmdline", Cancellation);

        Assert.DoesNotContain("do not tell", environment);
        Assert.Contains("CONTROL_TOKEN=", environment);
        Assert.Equal(GameServerPrograms.GameServer, commandLine.TrimEnd('\0'));
    }

    private static async Task<string> ReadLineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation)
        ?? throw new InvalidOperationException("The output ended.");

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    private static bool IsThere(int processId) => Directory.Exists($"/proc/{processId}");

    private static string? OpenFile(int processId, string file) => new FileInfo($"/proc/{processId}/fd/{file}").LinkTarget;
}
