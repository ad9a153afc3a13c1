using GameStack.Backend.GameServers;
using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Tests.Backend.Tickets;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodHandshakeTests : IDisposable
{
    private readonly ScriptedPort _control = new();
    private readonly ScriptedPort _game = new();

    public void Dispose()
    {
        _control.Dispose();
        _game.Dispose();
    }

    [Fact]
    public async Task A_route_that_is_not_set_up_yet_is_tried_again()
    {
        var running = RunAsync(routeTimeout: TimeSpan.FromSeconds(60));
        _ = _control.AnswerAllAsync(3, "OK", "OK", "OK");
        using var silent = await _game.AcceptAsync();
        (await _game.AcceptAsync()).Dispose();
        _ = _game.AnswerAllAsync(1, "STATE open");

        Assert.Equal((null, false), await running);
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        _ = _control.AnswerAllAsync(3, "OK", "OK", "BUSY 1");

        Assert.Equal(
            ("The game server has another session: BUSY 1", false), await RunAsync(routeTimeout: TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_route_that_is_never_set_up_is_a_failure()
    {
        _ = _control.AnswerAllAsync(3, "OK", "OK", "OK");
        _game.Dispose();

        var (failure, isUnreachable) = await RunAsync(routeTimeout: TimeSpan.FromSeconds(2));

        Assert.StartsWith(
            $"The game server did not answer on 127.0.0.1:{_game.Port} within 2 s: Connection refused", failure, StringComparison.Ordinal);
        Assert.True(isUnreachable);
    }

    private async Task<(string? Failure, bool IsUnreachable)> RunAsync(TimeSpan routeTimeout)
    {
        var servers = Options.Create(new GameServersOptions { AssignTimeout = TimeSpan.FromSeconds(30) });
        var options = Options.Create(new KubernetesFleetOptions { RouteTimeout = routeTimeout });
        using var tickets = TestSigners.None();
        var outcome = await new PodHandshake(servers, options, tickets, TimeProvider.System).RunAsync(
            new ControlPortClient(ScriptedPort.Host, _control.Port, "secret"),
            new RunningGameServer(Guid.NewGuid(), "game-server-1", ScriptedPort.Host, _game.Port),
            ["p1"],
            TestContext.Current.CancellationToken);
        return (outcome.Server.Failure, outcome.IsUnreachable);
    }
}
