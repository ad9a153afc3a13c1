using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

[Collection(SharedStackCollection.Name)]
public sealed class MatchLifeTests(SharedStack shared) : StackTests(shared)
{
    [Fact]
    public async Task In_the_inner_loop_players_have_tickets_and_need_none()
    {
        var seats = await Client.JoinAndWaitAsync(NewParty("seated"), Cancelled);
        await using var guest = await LineClient.ConnectAsync(seats[1], Cancelled);
        await using var member = await LineClient.ConnectAsync(seats[0], Cancelled);

        var ticket = (await Client.StatusAsync(seats[0].Player, Cancelled)).Ok().Text("ticket");

        Assert.Matches($"^JOINED [0-4] {seats[0].Player}$", await member.AskAsync($"JOIN {ticket}"));
        Assert.Equal("STATE open", await guest.AskAsync("GET_STATE"));
        await EndAsync(seats);
    }

    [Fact]
    public async Task Five_players_are_matched_play_on_their_own_server_and_see_the_match_end()
    {
        var players = NewParty("player");
        var seats = await Client.JoinAndWaitAsync(players, Cancelled);

        var seat = seats[0];
        Assert.True(Guid.TryParse(seat.SessionId, out _), seat.SessionId);
        Assert.All(seats, other => Assert.Equal((seat.SessionId, seat.Host, seat.Port), (other.SessionId, other.Host, other.Port)));

        var ended = Task.WhenAll(players.Select(player => Client.WaitUntilEndedAsync(player, Cancelled)));
        var connections = await Task.WhenAll(seats.Select(each => LineClient.ConnectAsync(each, Cancelled)));
        try
        {
            foreach (var connection in connections)
            {
                Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
                Assert.Equal("RUNNING_LENGTH 0", await connection.AskAsync("get_running_length\r"));
                Assert.Equal("UNKNOWN", await connection.AskAsync("REQUEST_MATCH 0"));
            }

            await connections[0].SendLineAsync("REQUEST_MATCH 2");
            var told = await Task.WhenAll(connections.Select(connection => connection.ReadToEndAsync()));

            Assert.Equal(["RUNNING_LENGTH 2", "STATE running"], told[0].Take(2));
            Assert.All(told.Skip(1), lines => Assert.Equal(["STATE running"], lines.Take(1)));
            Assert.All(told, lines => Assert.Equal("STATE stop", lines[^1]));
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }

        await ended;
        foreach (var player in players)
        {
            var status = (await Client.StatusAsync(player, Cancelled)).Ok();
            Assert.Equal(("ended", seat.SessionId), (status.Text("status"), status.Text("session_id")));
        }
    }

    [Fact]
    public async Task A_later_request_for_a_match_gets_the_length_that_stands()
    {
        var seats = await Client.JoinAndWaitAsync(NewParty("late"), Cancelled);
        await using var first = await LineClient.ConnectAsync(seats[0], Cancelled);
        await using var second = await LineClient.ConnectAsync(seats[1], Cancelled);
        Assert.Equal("STATE open", await second.AskAsync("GET_STATE"));

        Assert.Equal("RUNNING_LENGTH 600", await first.AskAsync("REQUEST_MATCH 600"));
        Assert.Equal("STATE running", await second.ReadLineAsync());

        Assert.Equal("RUNNING_LENGTH 600", await second.AskAsync("REQUEST_MATCH 2"));
        Assert.Equal("STATE running", await second.ReadLineAsync());
        Assert.Equal("RUNNING_LENGTH 600", await second.AskAsync("GET_RUNNING_LENGTH"));
        await EndAsync(seats);
    }

    [Fact]
    public async Task The_match_is_over_when_the_last_player_leaves_it()
    {
        var seats = await Client.JoinAndWaitAsync(NewParty("leaver"), Cancelled);
        var ended = Client.WaitUntilEndedAsync(seats[1].Player, Cancelled);

        await using (var connection = await LineClient.ConnectAsync(seats[0], Cancelled))
        {
            Assert.Equal("RUNNING_LENGTH 600", await connection.AskAsync("REQUEST_MATCH 600"));
        }

        await ended;
    }

    [Fact]
    public async Task A_client_that_polls_every_half_second_is_matched_plays_and_ends()
    {
        var players = NewParty("poller");
        var sessions = await Task.WhenAll(players.Select(async player =>
        {
            (await Client.JoinAsync(player, Cancelled)).Ok();
            var seat = await PollAsync(player);
            await using var connection = await LineClient.ConnectAsync(seat, Cancelled);
            await connection.SendLineAsync("REQUEST_MATCH 8");
            var lines = await connection.ReadToEndAsync();
            Assert.Contains("RUNNING_LENGTH 8", lines);
            Assert.Contains("STATE running", lines);
            Assert.Equal("STATE stop", lines[^1]);
            Assert.Equal("ended", (await Client.EndAsync(seat.SessionId, Cancelled)).Ok().Text("status"));
            return seat.SessionId;
        }));

        Assert.Single(sessions.Distinct());
    }

    [Fact]
    public async Task A_live_match_is_among_the_active_sessions_and_an_ended_one_is_not()
    {
        var seats = await Client.JoinAndWaitAsync(NewParty("active"), Cancelled);

        var active = (await Client.ActiveSessionsAsync(Cancelled)).Ok();
        var sessions = active.Field("sessions").EnumerateArray().ToList();
        Assert.Equal(sessions.Count, active.Number("count"));
        Assert.Equal("redis", active.Text("source"));
        Assert.NotNull(active.Text("note"));
        var session = Assert.Single(sessions, item => item.GetProperty("session_id").GetString() == seats[0].SessionId);
        Assert.NotEmpty(session.GetProperty("game_server_pod").GetString()!);

        await EndAsync(seats);
        var after = (await Client.ActiveSessionsAsync(Cancelled)).Ok();
        Assert.DoesNotContain(seats[0].SessionId, after.Raw, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_match_that_was_ended_by_its_players_may_be_ended_again()
    {
        var seats = await Client.JoinAndWaitAsync(NewParty("ender"), Cancelled);

        for (var i = 0; i < 2; i++)
        {
            var answer = await Client.EndAsync(seats[0].SessionId, Cancelled);
            Assert.Equal(("ended", seats[0].SessionId), (answer.Ok().Text("status"), answer.Text("session_id")));
        }

        var status = (await Client.StatusAsync(seats[0].Player, Cancelled)).Ok();
        Assert.Equal(("ended", seats[0].SessionId), (status.Text("status"), status.Text("session_id")));
    }

    [Fact]
    public async Task Ending_a_match_tells_its_connected_players_and_closes_their_connections()
    {
        var seats = await Client.JoinAndWaitAsync(NewParty("told"), Cancelled);
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));

        await EndAsync(seats);

        Assert.Equal(["STATE stop"], await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task Nobody_can_end_a_match_that_never_was()
    {
        (await Client.EndAsync(Guid.NewGuid().ToString(), Cancelled)).IsProblem(HttpStatusCode.NotFound);
    }

    private async Task<Seat> PollAsync(string player)
    {
        using var everyHalfSecond = new PeriodicTimer(TimeSpan.FromSeconds(0.5));
        while (true)
        {
            var answer = (await Client.StatusAsync(player, Cancelled)).Ok();
            if (answer.Text("status") == "matched")
            {
                return Seat.Of(player, answer);
            }

            Assert.Equal("pending", answer.Text("status"));
            await everyHalfSecond.WaitForNextTickAsync(Cancelled);
        }
    }
}
