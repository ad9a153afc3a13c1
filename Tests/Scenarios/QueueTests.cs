using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

[Collection(SharedStackCollection.Name)]
public sealed class QueueTests(SharedStack shared) : StackTests(shared)
{
    [Fact]
    public async Task A_player_who_waits_is_told_so_in_the_contract_s_words()
    {
        var player = NewPlayer("waiting");

        var join = (await Client.JoinAsync(player, Cancelled)).Ok();
        Assert.Equal("pending:" + player, join.Text("session_id"));
        Assert.Equal([player], join.Texts("players"));
        Assert.Equal(("", 0), (join.Text("connect_host"), join.Number("connect_port")));

        var status = (await Client.StatusAsync(player, Cancelled)).Ok();
        Assert.Equal("pending", status.Text("status"));
    }

    [Fact]
    public async Task A_player_who_joins_twice_gets_the_same_ticket()
    {
        var player = NewPlayer("twice");

        var first = (await Client.JoinAsync(player, Cancelled)).Ok();
        var second = (await Client.JoinAsync(player, Cancelled)).Ok();

        Assert.Equal(first.Raw, second.Raw);
    }

    [Fact]
    public async Task A_player_who_joins_twice_takes_one_place_in_the_match()
    {
        var players = NewParty("once");
        (await Client.JoinAsync(players[0], Cancelled)).Ok();

        var seats = await Client.JoinAndWaitAsync(players, Cancelled);

        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        await EndAsync(seats);
    }

    [Fact]
    public async Task A_player_of_a_live_match_who_joins_again_gets_that_match()
    {
        var players = NewParty("again");
        var seats = await Client.JoinAndWaitAsync(players, Cancelled);

        var again = (await Client.JoinAsync(players[0], Cancelled)).Ok();

        Assert.Equal(seats[0], Seat.Of(players[0], again));
        Assert.Equal(players.Order(StringComparer.Ordinal), again.Texts("players").Order(StringComparer.Ordinal));
        await EndAsync(seats);
    }

    [Fact]
    public async Task A_player_whose_match_is_over_is_matched_anew()
    {
        var players = NewParty("anew");
        var first = await Client.JoinAndWaitAsync(players, Cancelled);
        await EndAsync(first);

        var second = await Client.JoinAndWaitAsync(players, Cancelled);

        Assert.NotEqual(first[0].SessionId, second[0].SessionId);
        await EndAsync(second);
    }

    [Fact]
    public async Task A_player_who_leaves_is_forgotten()
    {
        var player = NewPlayer("gone");
        (await Client.JoinAsync(player, Cancelled)).Ok();

        (await Client.LeaveAsync(player, Cancelled)).Ok();

        (await Client.StatusAsync(player, Cancelled)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_player_who_left_is_in_no_match()
    {
        var players = NewParty("stayed");
        var gone = NewPlayer("left");
        (await Client.JoinAsync(gone, Cancelled)).Ok();
        (await Client.LeaveAsync(gone, Cancelled)).Ok();

        var seats = await Client.JoinAndWaitAsync(players, Cancelled);

        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        (await Client.StatusAsync(gone, Cancelled)).IsProblem(HttpStatusCode.NotFound);
        await EndAsync(seats);
    }

    [Fact]
    public async Task A_player_who_left_and_joins_again_waits_behind_the_others()
    {
        var players = NewParty("line");
        foreach (var player in players.SkipLast(1))
        {
            (await Client.JoinAsync(player, Cancelled)).Ok();
        }

        (await Client.LeaveAsync(players[0], Cancelled)).Ok();
        (await Client.JoinAsync(players[0], Cancelled)).Ok();
        var seats = await Client.JoinAndWaitAsync(players.TakeLast(1), Cancelled);

        var match = (await Client.JoinAsync(players[^1], Cancelled)).Ok();
        string[] inLine = [.. players[1..^1], players[0], players[^1]];
        Assert.Equal(inLine, match.Texts("players"));
        await EndAsync(seats);
    }

    [Fact]
    public async Task Nobody_knows_a_player_who_never_joined()
    {
        (await Client.StatusAsync(NewPlayer("stranger"), Cancelled)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_waiting_status_call_answers_when_the_match_is_made()
    {
        var players = NewParty("patient");
        foreach (var player in players.SkipLast(1))
        {
            (await Client.JoinAsync(player, Cancelled)).Ok();
        }

        var waiting = players.SkipLast(1).Select(player => Client.StatusAsync(player, seconds: 30, Cancelled)).ToList();

        var last = await Client.JoinAndWaitAsync(players.TakeLast(1), Cancelled);

        foreach (var answer in await Task.WhenAll(waiting))
        {
            Assert.Equal("matched", answer.Ok().Text("status"));
            Assert.Equal(last[0].SessionId, answer.Text("session_id"));
        }

        await EndAsync(last);
    }

    [Fact]
    public async Task Events_tell_a_player_of_the_match_and_of_its_end()
    {
        var players = NewParty("listener");
        (await Client.JoinAsync(players[0], Cancelled)).Ok();
        var matched = new TaskCompletionSource();
        var listening = ListenAsync(players[0], matched);

        var seats = await Client.JoinAndWaitAsync(players.Skip(1), Cancelled);
        await await Task.WhenAny(matched.Task, listening).WaitAsync(Cancelled);
        await EndAsync(seats);

        Assert.Equal([$"matched {seats[0].SessionId} {seats[0].Host}:{seats[0].Port}", $"ended {seats[0].SessionId}"], await listening);
    }

    private async Task<List<string>> ListenAsync(string player, TaskCompletionSource matched)
    {
        List<string> told = [];
        await foreach (var change in Client.EventsAsync(player, Cancelled))
        {
            switch (change.GetProperty("status").GetString())
            {
                case "pending":
                    Assert.Empty(told);
                    break;
                case "matched":
                    told.Add(
                        $"matched {change.GetProperty("session_id")} "
                        + $"{change.GetProperty("connect_host")}:{change.GetProperty("connect_port")}");
                    matched.TrySetResult();
                    break;
                case "ended":
                    told.Add($"ended {change.GetProperty("session_id")}");
                    return told;
                default:
                    Assert.Fail($"an unknown status: {change}");
                    break;
            }
        }

        return told;
    }
}
