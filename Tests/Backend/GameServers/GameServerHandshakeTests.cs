using GameStack.Backend.GameServers;
using GameStack.Tests.Backend.Tickets;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GameServerHandshakeTests : IDisposable
{
    private readonly ScriptedPort _control = new();
    private readonly ScriptedPort _game = new();

    public void Dispose()
    {
        _control.Dispose();
        _game.Dispose();
    }

    [Fact]
    public async Task A_server_that_accepts_the_match_and_answers_its_players_is_ready()
    {
        _ = _control.AnswerAsync(3, "OK", "OK", "OK");
        _ = _game.AnswerAsync(1, "STATE open");

        Assert.Null(await RunAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_accept_the_match_is_not_asked_for_its_state()
    {
        _ = _control.AnswerAsync(3, "DENIED");

        Assert.Equal("The game server did not accept its session: DENIED", await RunAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_has_failed_at_its_control_port() =>
        Assert.Equal(
            "The game server did not answer on its control port within 0.1 s.", await RunAsync(timeout: TimeSpan.FromMilliseconds(100)));

    [Fact]
    public async Task A_server_that_its_players_cannot_reach_has_failed_at_their_address()
    {
        _ = _control.AnswerAsync(3, "OK", "OK", "OK");
        _game.Dispose();

        Assert.StartsWith($"The game server could not be reached on 127.0.0.1:{_game.Port}: ", await RunAsync());
    }

    [Fact]
    public async Task A_caller_may_cancel()
    {
        using var cancelling = new CancellationTokenSource();
        var running = RunAsync(cancellationToken: cancelling.Token);
        using var connection = await _control.AcceptAsync();

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private async Task<string?> RunAsync(TimeSpan? timeout = null, CancellationToken? cancellationToken = null)
    {
        var options = Options.Create(new GameServersOptions { AssignTimeout = timeout ?? TimeSpan.FromSeconds(30) });
        using var tickets = TestSigners.None();
        var handshake = new GameServerHandshake(options, tickets, TimeProvider.System);
        var outcome = await handshake.RunAsync(
            new ControlPortClient(ScriptedPort.Host, _control.Port, "secret"),
            new RunningGameServer(Guid.NewGuid(), "game-server-1", ScriptedPort.Host, _game.Port),
            ["p1"],
            cancellationToken ?? TestContext.Current.CancellationToken);
        return outcome.Server.Failure;
    }
}
