using System.Net;
using System.Net.Sockets;

using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GameServerHandshakeTests : IDisposable
{
    private static readonly Guid Match = Guid.NewGuid();

    private readonly TcpListener _control = Listen();
    private readonly TcpListener _game = Listen();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _control.Dispose();
        _game.Dispose();
    }

    [Theory]
    [InlineData("STATE open")]
    [InlineData("STATE running")]
    public async Task A_server_that_takes_the_session_and_answers_is_ready(string state)
    {
        var assigning = AnswerAsync(_control, 2, "OK", "OK");
        var asking = AnswerAsync(_game, 1, state);

        Assert.Equal(HandshakeOutcome.Ready, (await RunAsync()).Outcome);
        Assert.Equal(["AUTH secret", $"ASSIGN {Match} [\"p1\",\"a \\u0022quoted\\u0022 name\"]"], await assigning);
        Assert.Equal(["GET_STATE"], await asking);
    }

    [Fact]
    public async Task A_server_that_another_session_has_is_busy()
    {
        _ = AnswerAsync(_control, 2, "OK", $"BUSY {Guid.NewGuid()}");

        Assert.Equal(HandshakeOutcome.Busy, (await RunAsync()).Outcome);
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_token_has_failed()
    {
        _ = AnswerAsync(_control, 2, "DENIED");

        Assert.Equal(HandshakeResult.Failed("The game server did not accept its session: DENIED"), await RunAsync());
    }

    [Fact]
    public async Task A_server_that_hangs_up_has_failed()
    {
        _ = AnswerAsync(_control, 2);

        Assert.Equal(HandshakeResult.Failed("The game server did not accept its session: it closed the connection"), await RunAsync());
    }

    [Fact]
    public async Task A_server_that_says_nothing_has_failed()
    {
        var result = await RunAsync(timeout: TimeSpan.FromMilliseconds(100));

        Assert.Equal(HandshakeResult.Failed("The game server did not answer on its control port within 0.1 s."), result);
    }

    [Fact]
    public async Task A_server_whose_players_find_no_one_has_failed()
    {
        _ = AnswerAsync(_control, 2, "OK", "OK");
        _game.Stop();

        var result = await RunAsync();

        Assert.Equal(HandshakeOutcome.Failed, result.Outcome);
        Assert.StartsWith($"The game server could not be reached on 127.0.0.1:", result.Detail);
    }

    [Fact]
    public async Task A_server_whose_match_is_over_has_failed()
    {
        _ = AnswerAsync(_control, 2, "OK", "OK");
        _ = AnswerAsync(_game, 1, "STATE stop");

        Assert.Equal(HandshakeResult.Failed("The game server is not open to its players: STATE stop"), await RunAsync());
    }

    [Fact]
    public async Task A_way_that_is_only_being_laid_is_tried_again()
    {
        var running = RunAsync(routeTimeout: TimeSpan.FromSeconds(60));
        await AnswerAsync(_control, 2, "OK", "OK");
        using var silent = await _game.AcceptTcpClientAsync(Cancellation); // Takes the connection, and never answers.
        (await _game.AcceptTcpClientAsync(Cancellation)).Dispose();
        await AnswerAsync(_game, 1, "STATE open");

        Assert.Equal(HandshakeResult.Ready, await running);
    }

    [Fact]
    public async Task Who_asked_may_give_up()
    {
        using var givingUp = new CancellationTokenSource();
        var running = RunAsync(cancellationToken: givingUp.Token);
        using var connection = await _control.AcceptTcpClientAsync(Cancellation);

        await givingUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    /// <summary>Reads some lines from the next connection, answers, and hangs up.</summary>
    private static async Task<IReadOnlyList<string?>> AnswerAsync(TcpListener listener, int lines, params string[] answers)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancellation);
        using var reader = new StreamReader(client.GetStream());
        var read = new List<string?>();
        for (var i = 0; i < lines; i++)
        {
            read.Add(await reader.ReadLineAsync(Cancellation));
        }

        await using var writer = new StreamWriter(client.GetStream());
        await writer.WriteAsync(string.Concat(answers.Select(answer => answer + "\n")));
        return read;
    }

    private Task<HandshakeResult> RunAsync(TimeSpan? timeout = null, TimeSpan? routeTimeout = null, CancellationToken? cancellationToken = null)
    {
        var target = new HandshakeTarget
        {
            ControlHost = "127.0.0.1",
            ControlPort = Port(_control),
            ControlToken = "secret",
            PlayerHost = "127.0.0.1",
            PlayerPort = Port(_game),
            RouteTimeout = routeTimeout,
        };
        return GameServerHandshake.RunAsync(
            target, Match, ["p1", "a \"quoted\" name"], timeout ?? TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken ?? Cancellation);
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
