using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GamePortClientTests : IDisposable
{
    private readonly ScriptedPort _port = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _port.Dispose();

    [Theory]
    [InlineData("STATE open")]
    [InlineData("STATE running")]
    public async Task A_server_is_open_to_players_before_and_during_its_match(string state)
    {
        var asking = _port.AnswerAsync(1, state);

        Assert.Null(await Client().CheckOpenAsync(Cancellation));
        Assert.Equal(["GET_STATE"], await asking);
    }

    [Fact]
    public async Task A_server_whose_match_is_over_is_not_open()
    {
        _ = _port.AnswerAsync(1, "STATE stop");

        Assert.Equal("The game server is not open to its players: STATE stop", await Client().CheckOpenAsync(Cancellation));
    }

    [Fact]
    public async Task A_server_that_requires_tickets_is_open()
    {
        _ = _port.AnswerAsync(1, "DENIED no_ticket");

        Assert.Null(await Client().CheckOpenAsync(Cancellation));
    }

    [Fact]
    public async Task A_server_that_closes_the_connection_may_be_asked_again()
    {
        _ = _port.AnswerAsync(1);

        await Assert.ThrowsAsync<IOException>(() => Client().CheckOpenAsync(Cancellation));
    }

    [Fact]
    public async Task Any_answer_is_an_answer()
    {
        _ = _port.AnswerAsync(1, "UNKNOWN");

        Assert.True(await AnswersAsync());
    }

    [Fact]
    public async Task A_server_that_hangs_does_not_answer_although_its_port_accepts_connections() =>
        Assert.False(await AnswersAsync(TimeSpan.FromMilliseconds(100)));

    [Fact]
    public async Task A_server_that_is_gone_does_not_answer()
    {
        _port.Dispose();

        Assert.False(await AnswersAsync());
    }

    private Task<bool> AnswersAsync(TimeSpan? timeout = null) =>
        Client().AnswersAsync(timeout ?? TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

    private GamePortClient Client() => new(ScriptedPort.Host, _port.Port);
}
