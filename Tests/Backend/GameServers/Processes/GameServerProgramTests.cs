using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class GameServerProgramTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Players_get_the_host_that_is_set()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GAME_SERVER_CONNECT_HOST", "localhost"));

        var server = await host.AllocateAsync();

        Assert.Equal("localhost", server.Host);
        using var player = await Player.ConnectAsync(server);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task The_control_port_stays_on_this_machine_wherever_players_connect()
    {
        await using var host = await FleetHost.StartAsync(settings: ("GAME_SERVER_CONNECT_HOST", "localhost"));
        var server = await host.AllocateAsync();

        var environment = await File.ReadAllTextAsync($"/proc/{host.ProcessIdOf(server.MatchId)}/environ", Cancellation);

        Assert.Contains("CONTROL_LISTEN_ADDRESS=127.0.0.1", environment.Split('\0'));
        Assert.DoesNotContain(environment.Split('\0'), variable => variable.StartsWith("LISTEN_ADDRESS=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_that_is_deleted_is_named()
    {
        using var folder = new TestFolder();
        var program = Path.Combine(folder.Path, "GameServer");
        await File.WriteAllTextAsync(program, "", Cancellation);
        await using var host = await FleetHost.StartAsync(program, standby: 0);
        File.Delete(program);

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal($"The game server program {program} was not found; build GameServer.", allocation.Failure);
        Assert.Equal(0, host.Fleet.StandbyCount);
        Assert.Single(host.Logs.Of(410));
    }

    [Fact]
    public async Task A_program_that_is_not_set_names_the_setting()
    {
        await using var host = await FleetHost.StartAsync("");

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("GameServers__Program is not set; build GameServer and set it to the program's path.", allocation.Failure);
    }

    [Fact]
    public async Task A_file_that_cannot_be_run_is_named()
    {
        await using var host = await FleetHost.StartAsync("/etc/passwd");

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.StartsWith("The game server program /etc/passwd could not be started: ", allocation.Failure);
    }

    [Fact]
    public async Task A_program_that_never_becomes_ready_is_a_failure()
    {
        await using var host = await FleetHost.StartAsync(GameServerPrograms.NeverReady,
            settings: ("GameServers:StartTimeout", "00:00:00.1"));

        var allocation = await host.AllocateAsync(Guid.NewGuid());

        Assert.Equal("The game server was not ready after 0.1 s.", allocation.Failure);
    }

    [Fact]
    public async Task A_server_does_not_see_the_backends_secrets_and_its_command_line_hides_its_token()
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
}
