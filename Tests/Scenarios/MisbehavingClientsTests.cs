using System.Net;
using System.Net.Sockets;
using System.Text;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>Every line of the table in docs/clients.md, on two backends that share a queue.</summary>
[Collection(MachineCollection.Name)]
public sealed class MisbehavingClientsTests(TwoBackends shared) : IClassFixture<TwoBackends>, IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    private CancellationToken Cancelled => _within.Token;

    private ContractClient[] Sides => shared.Sides;

    public void Dispose() => _within.Dispose();

    [Fact]
    public async Task Twenty_players_who_each_join_thirty_times_at_once_on_both_backends_are_each_in_one_match()
    {
        var players = Players.New("eager", 20);

        var answers = await Task.WhenAll(players.SelectMany(player => Enumerable.Range(0, 30).Select(async i =>
            (Player: player, Answer: (await Sides[i % 2].JoinAsync(player, Cancelled)).Ok()))));

        var seats = await Task.WhenAll(players.Select((player, i) => Sides[i % 2].WaitUntilMatchedAsync(player, Cancelled)));
        var matches = seats.ToDictionary(seat => seat.Player, seat => seat.SessionId);
        Assert.All(seats.GroupBy(seat => seat.SessionId), match => Assert.Equal(2, match.Count()));
        Assert.All(answers, join =>
            Assert.Contains(join.Answer.Text("session_id"), new[] { "pending:" + join.Player, matches[join.Player] }));

        await EndAsync(seats);
        var rows = await shared.Stores.Matches.WaitUntilAsync(
            rows => matches.Values.Distinct().All(id => rows.Any(row => row.SessionId == id && row.EndedAt is not null)),
            "every match has ended");
        Assert.All(players, player => Assert.Single(rows, row => row.Players.Contains(player)));
    }

    [Fact]
    public async Task A_player_who_joins_three_hundred_times_at_once_waits_once()
    {
        var player = Players.New("impatient");

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Sides[i % 2].JoinAsync(player, Cancelled)));

        Assert.All(answers, answer => Assert.Equal("pending:" + player, answer.Ok().Text("session_id")));
        await MatchedWithOneOtherAsync(player);
    }

    [Fact]
    public async Task A_player_who_joins_and_leaves_at_the_same_moment_waits_or_does_not_and_both_backends_say_the_same()
    {
        for (var round = 0; round < 50; round++)
        {
            var player = Players.New("fickle");
            var join = Sides[round % 2].JoinAsync(player, Cancelled);
            var leave = Sides[(round + 1) % 2].LeaveAsync(player, Cancelled);
            Assert.Equal("pending:" + player, (await join).Ok().Text("session_id"));
            Assert.Equal("left", (await leave).Ok().Text("status"));

            var told = await Task.WhenAll(Sides.Select(side => side.StatusAsync(player, Cancelled)));
            Assert.Equal(told[0].Code, told[1].Code);
            if (told[0].Code == HttpStatusCode.OK)
            {
                Assert.Equal("pending", told[0].Text("status"));
                (await Sides[0].LeaveAsync(player, Cancelled)).Ok();
            }

            (await Sides[1].StatusAsync(player, Cancelled)).IsProblem(HttpStatusCode.NotFound);
        }

        // Nobody of them is left in the queue.
        await MatchedWithOneOtherAsync(Players.New("steady"));
    }

    [Fact]
    public async Task Whoever_leaves_while_the_match_is_being_given_a_server_is_out_of_it_and_it_goes_on_without_them()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = new RudeGameServer(async line =>
        {
            await open.Task;
            return RudeGameServer.Polite(line);
        });
        await using var stores = shared.NewQueue();
        await using var backend = await BackendProcess.StartAsync(
            "backend", stores, new StackSettings { SessionSize = 2 },
            ("GameServers__Program", slow.Program), ("GameServers__AssignTimeout", "00:01:00"));
        var (leaver, stayer) = (Players.New("leaver"), Players.New("stayer"));
        (await backend.Client.JoinAsync(leaver, Cancelled)).Ok();
        (await backend.Client.JoinAsync(stayer, Cancelled)).Ok();

        Assert.Equal("left", (await backend.Client.LeaveAsync(leaver, Cancelled)).Ok().Text("status"));
        Assert.Equal("left", (await backend.Client.LeaveAsync(leaver, Cancelled)).Ok().Text("status"));
        (await backend.Client.StatusAsync(leaver, Cancelled)).IsProblem(HttpStatusCode.NotFound);
        Assert.Equal("pending", (await backend.Client.StatusAsync(stayer, Cancelled)).Ok().Text("status"));
        open.SetResult();

        await backend.Client.WaitUntilMatchedAsync(stayer, Cancelled);
        Assert.Equal([stayer], (await backend.Client.JoinAsync(stayer, Cancelled)).Ok().Texts("players"));
        (await backend.Client.StatusAsync(leaver, Cancelled)).IsProblem(HttpStatusCode.NotFound);
        var refusal = await backend.Client.LeaveAsync(stayer, Cancelled);
        refusal.IsProblem(HttpStatusCode.Conflict);
        Assert.Equal("The player is in a live match; end it, or wait until it ends.", refusal.Text("detail"));
    }

    [Fact]
    public async Task A_match_that_is_ended_fifty_times_at_once_on_both_backends_ends_once_and_everybody_is_told_so()
    {
        var seats = await Sides[0].JoinAndWaitAsync(Players.New("ended", 2), Cancelled);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Sides[i % 2].EndAsync(seats[0].SessionId, Cancelled)));

        Assert.All(answers, answer => Assert.Equal(("ended", seats[0].SessionId), (answer.Ok().Text("status"), answer.Text("session_id"))));
        foreach (var (seat, side) in seats.SelectMany(seat => Sides.Select(side => (seat, side))))
        {
            var status = (await side.StatusAsync(seat.Player, Cancelled)).Ok();
            Assert.Equal(("ended", seat.SessionId), (status.Text("status"), status.Text("session_id")));
            Assert.Equal("left", (await side.LeaveAsync(seat.Player, Cancelled)).Ok().Text("status"));
        }

        var rows = await shared.Stores.Matches.WaitUntilAsync(
            rows => rows.Any(row => row.SessionId == seats[0].SessionId && row.EndedAt is not null), "the match has ended");
        Assert.Single(rows, row => row.SessionId == seats[0].SessionId);
    }

    [Fact]
    public async Task Whoever_knows_the_id_of_a_match_can_end_it_and_nobody_else_can()
    {
        var seats = await Sides[0].JoinAndWaitAsync(Players.New("victim", 2), Cancelled);
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));

        (await Sides[1].EndAsync(Guid.NewGuid().ToString(), Cancelled)).IsProblem(HttpStatusCode.NotFound);
        (await Sides[1].EndAsync(Uri.EscapeDataString("pending:" + seats[0].Player), Cancelled)).IsProblem(HttpStatusCode.BadRequest);
        (await Sides[1].EndAsync(seats[0].SessionId[..8], Cancelled)).IsProblem(HttpStatusCode.BadRequest);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));

        (await Sides[1].EndAsync(seats[0].SessionId.ToUpperInvariant(), Cancelled)).Ok();
        Assert.Equal("ended", (await Sides[0].StatusAsync(seats[0].Player, Cancelled)).Ok().Text("status"));
    }

    [Fact]
    public async Task A_join_whose_connection_is_dropped_and_one_made_again_are_one_join()
    {
        for (var round = 0; round < 20; round++)
        {
            var player = Players.New("dropped");
            await DropJoinAsync(Sides[round % 2].Root, player, reset: round % 4 < 2);

            Assert.Equal("pending:" + player, (await Sides[(round + 1) % 2].JoinAsync(player, Cancelled)).Ok().Text("session_id"));
            await MatchedWithOneOtherAsync(player);
        }
    }

    [Fact]
    public async Task Nobody_has_heard_of_a_player_who_never_joined()
    {
        foreach (var side in Sides)
        {
            var player = Players.New("stranger");
            (await side.StatusAsync(player, Cancelled)).IsProblem(HttpStatusCode.NotFound);
            (await side.StatusAsync(player, seconds: 0, Cancelled)).IsProblem(HttpStatusCode.NotFound);
            (await side.GetAsync("match/events?player_id=" + player, Cancelled)).IsProblem(HttpStatusCode.NotFound);
            Assert.Equal("left", (await side.LeaveAsync(player, Cancelled)).Ok().Text("status"));
        }
    }

    [Fact]
    public async Task An_id_of_the_longest_length_and_of_any_script_is_a_player_like_others_and_a_longer_one_is_none()
    {
        var longest = Guid.NewGuid().ToString("N") + string.Concat(Enumerable.Repeat("é字🎮", 24));
        Assert.Equal(128, longest.Length);
        Assert.Equal("pending:" + longest, (await Sides[0].JoinAsync(longest, Cancelled)).Ok().Text("session_id"));
        Assert.Equal("pending", (await Sides[1].StatusAsync(longest, Cancelled)).Ok().Text("status"));
        await MatchedWithOneOtherAsync(longest);

        (await Sides[0].JoinAsync(longest + "x", Cancelled)).IsProblem(HttpStatusCode.BadRequest);
        (await Sides[0].JoinAsync(new string('x', 10_000), Cancelled)).IsProblem(HttpStatusCode.BadRequest);
        (await Sides[0].JoinAsync("", Cancelled)).IsProblem(HttpStatusCode.BadRequest);
        (await Sides[0].JoinAsync("a\0b", Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/match/join", "post", "400", "413", "415", "503")]
    [InlineData("/match/leave", "post", "400", "409", "413", "415", "503")]
    [InlineData("/match/status", "get", "400", "404", "503")]
    [InlineData("/match/events", "get", "204", "400", "404", "503")]
    [InlineData("/match/{session_id}/end", "post", "400", "401", "403", "404", "503")]
    [InlineData("/sessions/active", "get", "400", "401", "503")]
    [InlineData("/cleanup/orphaned-servers", "post", "401", "403", "503")]
    public async Task Each_answer_is_in_the_APIs_description(string route, string method, params string[] codes)
    {
        var document = (await Sides[0].GetAsync("openapi/v1.json", Cancelled)).Ok();

        var responses = document.Field("paths").GetProperty(route).GetProperty(method).GetProperty("responses").EnumerateObject();

        Assert.Equal(["200", .. codes], responses.Select(response => response.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Shows that the player waits exactly once, and alone: one more player makes a match of these two.</summary>
    private async Task MatchedWithOneOtherAsync(string player)
    {
        var other = Players.New("other");
        (await Sides[0].JoinAsync(player, Cancelled)).Ok();
        (await Sides[1].JoinAsync(other, Cancelled)).Ok();
        var seat = await Sides[0].WaitUntilMatchedAsync(player, Cancelled);
        Assert.Equal(seat with { Player = other }, await Sides[1].WaitUntilMatchedAsync(other, Cancelled));
        Assert.Equal([player, other], (await Sides[1].JoinAsync(player, Cancelled)).Ok().Texts("players"));
        await EndAsync([seat]);
    }

    private async Task EndAsync(IEnumerable<Seat> seats)
    {
        foreach (var sessionId in seats.Select(seat => seat.SessionId).Distinct())
        {
            (await Sides[0].EndAsync(sessionId, Cancelled)).Ok();
        }
    }

    /// <summary>Sends a whole join, or all but its last byte, and goes away without having read a thing.</summary>
    private async Task DropJoinAsync(Uri root, string player, bool reset)
    {
        var body = $$"""{"player_id":"{{player}}"}""";
        using var client = new TcpClient();
        await client.ConnectAsync(root.Host, root.Port, Cancelled);
        var head = $"POST /match/join HTTP/1.1\r\nHost: {root.Authority}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head + (reset ? body[..^1] : body)), Cancelled);
        if (reset)
        {
            client.LingerState = new LingerOption(enable: true, seconds: 0);
        }
    }
}
