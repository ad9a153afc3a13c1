using GameStack.Backend.GameServers.Processes;
using GameStack.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class ProcessPoolTests
{
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

        Signals.Kill(processes[0]);

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
        Assert.Equal("2 game servers are running or starting, as many as GameServers__MaxServers allows.", third.Failure);

        await host.EndAsync(first.MatchId);
        await host.NextExitAsync();
        await host.AllocateAsync();
    }

    [Fact]
    public async Task After_a_busy_second_more_servers_are_on_standby_for_a_while()
    {
        var time = new FakeTimeProvider();
        await using var host = await FleetHost.StartAsync(standby: 1, time: time);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.AllocateAsync()));

        await StandbyAsync(4);
        time.Advance(StandbySize.Memory);
        await StandbyAsync(1);

        Task StandbyAsync(int count) => Eventually.IsAsync($"{count} on standby", _ =>
        {
            // The last servers are not started right after a match has asked for one.
            time.Advance(TimeSpan.FromMilliseconds(10));
            return Task.FromResult(host.Fleet.StandbyCount == count);
        }, Waits.Patient);
    }

    [Fact]
    public async Task A_program_that_crashes_is_started_less_and_less_often_and_allocations_say_why()
    {
        var time = new FakeTimeProvider();
        await using var host = await FleetHost.StartAsync(GameServerPrograms.Crashes, standby: 1, time: time);
        var first = await host.AllocateAsync(Guid.NewGuid());
        var starts = host.Logs.Of(401).Count;
        Assert.Equal("The game server ended with exit code 3 before it was ready.", first.Failure);
        Assert.Single(host.Logs.Of(410));
        Assert.Equal(0, host.Fleet.StandbyCount);

        // Time stands still, so the next start does not come.
        var second = await host.AllocateAsync(Guid.NewGuid());
        Assert.Equal(first.Failure, second.Failure);
        Assert.Equal(starts, host.Logs.Of(401).Count);

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(first.Failure, (await host.AllocateAsync(Guid.NewGuid())).Failure);
        await host.Logs.WaitForAsync(401, starts + 1);
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

    private static bool IsThere(int processId) => Directory.Exists($"/proc/{processId}");
}
