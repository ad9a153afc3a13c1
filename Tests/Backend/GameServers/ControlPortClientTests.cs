using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.GameServers;

public sealed class ControlPortClientTests : IDisposable
{
    private static readonly Guid Match = Guid.NewGuid();

    private static readonly RunningGameServer Server =
        new(Match, "game-server-1", "10.0.0.7", 8080) { Admission = MatchAdmission.At("game-server-1", "10.0.0.7", 8080) };

    private readonly ScriptedPort _port = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _port.Dispose();

    [Fact]
    public async Task A_server_that_accepts_the_match_and_its_players_is_no_failure()
    {
        var assigning = _port.AnswerAsync(3, "OK", "OK", "OK");

        Assert.Null(await AssignAsync("p1", "a \"quoted\" name"));
        Assert.Equal(["AUTH secret", "LONGEST_MATCH 7200", $"ASSIGN {Match} [\"p1\",\"a \\u0022quoted\\u0022 name\"]"], await assigning);
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_limit_of_a_match_accepts_the_match()
    {
        _ = _port.AnswerAsync(3, "OK", "UNKNOWN", "OK");

        Assert.Null(await AssignAsync("p1"));
    }

    [Theory]
    [InlineData("The game server has another session: BUSY 1", "OK", "OK", "BUSY 1")]
    [InlineData("The game server did not accept its session: DENIED", "DENIED")]
    [InlineData("The game server did not accept its session: UNKNOWN", "OK", "OK", "UNKNOWN")]
    [InlineData("The game server did not accept its session: it closed the connection")]
    [InlineData("The game server did not accept its session: it closed the connection", "OK")]
    public async Task A_server_that_does_not_accept_the_match_is_quoted(string failure, params string[] answers)
    {
        _ = _port.AnswerAsync(3, answers);

        Assert.Equal(failure, await AssignAsync());
    }

    [Theory]
    [InlineData(0, "OK")]
    [InlineData(0)]
    [InlineData(0, "OK", "UNKNOWN")]
    [InlineData(1, "OK", "STANDBY")]
    [InlineData(2, "OK", "SESSION 0b6e2a8e-0000-4000-8000-000000000001 [\"p1\"]")]
    [InlineData(3, "DENIED")]
    public async Task A_server_says_which_session_it_has(int kind, params string[] answers)
    {
        _ = _port.AnswerAsync(2, answers);

        var session = await new ControlPortClient(ScriptedPort.Host, _port.Port, "secret").ReadSessionAsync(
            TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

        Assert.Equal((ControlSessionKind)kind, session.Kind);
        Assert.Equal(kind == 2, session.MatchId == Guid.Parse("0b6e2a8e-0000-4000-8000-000000000001"));
    }

    [Fact]
    public async Task A_session_with_many_players_is_read_although_its_line_is_long()
    {
        var players = string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"player-{i:000000000000000000000000000000}\""));
        _ = _port.AnswerAsync(2, "OK", $"SESSION {Match} [{players}]");

        var session = await new ControlPortClient(ScriptedPort.Host, _port.Port, "secret").ReadSessionAsync(
            TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

        Assert.Equal(Match, session.MatchId);
    }

    [Fact]
    public async Task A_server_that_takes_tickets_is_told_how_to_check_them_before_its_match()
    {
        using var tickets = new TestTickets();
        var terms = tickets.Terms("game-server-1");
        var assigning = _port.AnswerAsync(4, "OK", "OK", "OK", "OK");

        var assigned = await AssignAsync(terms, "p1");

        Assert.Equal(["AUTH secret", "LONGEST_MATCH 7200", $"TICKETS {terms.ToJson()}", $"ASSIGN {Match} [\"p1\"]"], await assigning);
        Assert.Equal(new MatchAdmission("game-server-1", "10.0.0.7:8080", tickets.Key.Id), assigned.Value!.Admission);
    }

    [Fact]
    public async Task A_server_that_is_older_than_tickets_gets_its_match_and_takes_none()
    {
        using var tickets = new TestTickets();
        _ = _port.AnswerAsync(4, "OK", "OK", "UNKNOWN", "OK");

        var assigned = await AssignAsync(tickets.Terms("game-server-1"), "p1");

        Assert.Equal(Server, assigned.Value);
        Assert.Null(assigned.Value!.Admission);
    }

    [Fact]
    public async Task A_server_that_is_older_than_tickets_gets_no_match_where_they_are_required()
    {
        using var tickets = new TestTickets();
        _ = _port.AnswerAsync(4, "OK", "OK", "UNKNOWN", "OK");

        var terms = tickets.Terms("game-server-1") with { Required = true };
        var assigned = await AssignAsync(terms, "p1");

        Assert.Equal("The game server did not accept its session: UNKNOWN", assigned.Failure);
    }

    [Fact]
    public async Task A_server_reports_its_state_and_its_length()
    {
        var answering = _port.AnswerAsync(3, "OK", "STATE running", "RUNNING_LENGTH 30");

        Assert.Equal(new GameServerHealth("running", TimeSpan.FromSeconds(30)), await ReadHealthAsync());
        Assert.Equal(["AUTH secret", "GET_STATE", "GET_RUNNING_LENGTH"], await answering);
    }

    [Fact]
    public async Task A_server_that_denies_is_alive()
    {
        _ = _port.AnswerAsync(3, "DENIED");

        Assert.Equal(GameServerHealth.Unknown, await ReadHealthAsync());
    }

    [Fact]
    public async Task A_real_server_with_another_key_is_alive()
    {
        await using var server = await GameServer.GameServerProcess.StartStandbyAsync();

        Assert.Equal(GameServerHealth.Unknown, await ReadHealthAsync(server.ControlPort));
    }

    [Theory]
    [InlineData]
    [InlineData("UNKNOWN")]
    [InlineData("OK")]
    [InlineData("OK", "STATE running", "RUNNING_LENGTH soon")]
    public async Task An_answer_outside_of_the_control_protocol_is_silence(params string[] answers)
    {
        _ = _port.AnswerAsync(3, answers);

        Assert.Null(await ReadHealthAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_silent() =>
        Assert.Null(await ReadHealthAsync(timeout: TimeSpan.FromMilliseconds(100)));

    private async Task<string?> AssignAsync(params string[] players) => (await AssignAsync(tickets: null, players)).Failure;

    private Task<Result<RunningGameServer>> AssignAsync(TicketTerms? tickets, params string[] players) =>
        Client(_port.Port).AssignAsync(Server, players, TimeSpan.FromHours(2), tickets, Cancellation);

    private Task<GameServerHealth?> ReadHealthAsync(int? port = null, TimeSpan? timeout = null) =>
        Client(port ?? _port.Port).ReadHealthAsync(timeout ?? TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

    private static ControlPortClient Client(int port) => new(ScriptedPort.Host, port, "secret");
}
