using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers;

public sealed class ProcessFleetFailureTests
{
    [Fact]
    public async Task A_program_that_crashes_is_started_less_and_less_often_and_matches_are_told_why()
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
    public async Task A_program_that_is_not_there_is_named()
    {
        await using var host = await FleetHost.StartAsync("/nowhere/GameServer");

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("The game server program /nowhere/GameServer was not found; build GameServer.", allocation.Failure);
        Assert.Equal(0, host.Fleet.StandbyCount);
        Assert.Single(host.Logs.Of(410));
    }

    [Fact]
    public async Task A_program_that_is_not_set_is_named()
    {
        await using var host = await FleetHost.StartAsync("");

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("GameServers:Program is not set; build GameServer and set it to the program's path.", allocation.Failure);
    }

    [Fact]
    public async Task A_file_that_is_no_program_is_named()
    {
        await using var host = await FleetHost.StartAsync("/etc/passwd");

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.StartsWith("The game server program /etc/passwd could not be started: ", allocation.Failure);
    }

    [Fact]
    public async Task A_program_that_never_gets_ready_is_given_up()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverReady, settings: ("GameServers:StartTimeout", "00:00:00.1"));

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("The game server was not ready after 0.1 s.", allocation.Failure);
    }

    [Fact]
    public async Task An_allocation_does_not_wait_longer_than_its_own_limit()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverReady, settings: ("GameServers:AllocationTimeout", "00:00:00.1"));

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("There was no game server within 0.1 s.", allocation.Failure);
    }

    [Fact]
    public async Task A_program_that_never_listens_is_given_to_nobody()
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
    public async Task A_server_that_does_not_stop_is_killed()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverStops, settings: ("GameServers:StopTimeout", "00:00:00.1"));
        var process = (await host.ReadyAsync(1))[0];

        await host.StopAsync();

        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.Equal(process, host.Logs.Of(402).Single().Properties["ProcessId"]);
    }

    [Fact]
    public async Task What_a_server_says_on_standard_error_is_a_warning()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.Crashes);

        var record = (await host.Logs.WaitForAsync(401, 1))[0];

        Assert.Equal("out of luck", record.Properties["Line"]);
        Assert.Equal(LogLevel.Warning, record.Level);
    }
}
