using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

public sealed class TwoBackendsTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int SessionSize = 10;
    private const int PlayerCount = 200;

    private static readonly StackSettings Settings = new() { SessionSize = SessionSize };

    [Fact]
    public async Task Every_player_is_in_exactly_one_match_and_the_records_say_what_the_players_saw()
    {
        await using var stores = await CreateStoresAsync();
        await using var left = await stores.StartBackendAsync("backend-left", Settings);
        await using var right = await stores.StartBackendAsync("backend-right", Settings);
        BackendProcess[] sides = [left, right];
        var players = Players.New("player", PlayerCount);

        var seats = (await Task.WhenAll(
            players.Select((player, i) => sides[i % 2].Client.JoinAndWaitAsync([player], Cancelled)))).SelectMany(seats => seats);

        var matches = seats.GroupBy(seat => seat.SessionId).ToDictionary(match => match.Key, match => match.ToList());
        Assert.Equal(PlayerCount / SessionSize, matches.Count);
        Assert.All(matches.Values, match => Assert.Equal(SessionSize, match.Count));
        Assert.All(matches.Values, match => Assert.Single(match.Select(seat => (seat.Host, seat.Port)).Distinct()));
        Assert.Equal(matches.Count, matches.Values.Select(match => (match[0].Host, match[0].Port)).Distinct().Count());

        foreach (var side in sides)
        {
            Assert.Equal(seats, await Task.WhenAll(players.Select(player => side.Client.WaitUntilMatchedAsync(player, Cancelled))));
        }

        var pods = await ReadPodsAsync(left);
        Assert.Equal(pods, await ReadPodsAsync(right));
        Assert.Equal(matches.Keys.Order(StringComparer.Ordinal), pods.Keys);
        foreach (var match in matches.Values)
        {
            await using var connection = await LineClient.ConnectAsync(match[0], Cancelled);
            Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
        }

        foreach (var (sessionId, i) in matches.Keys.Select((sessionId, i) => (sessionId, i)))
        {
            await ContractClient.OkAsync(() => sides[i % 2].Client.EndAsync(sessionId, Cancelled));
        }

        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Count >= matches.Count && rows.All(row => row.EndedAt is not null), "every match has ended");
        Assert.Equal(matches.Keys.Order(StringComparer.Ordinal), rows.Select(row => row.SessionId).Order(StringComparer.Ordinal));
        Assert.All(rows, row =>
        {
            Assert.Equal(
                matches[row.SessionId].Select(seat => seat.Player).Order(StringComparer.Ordinal),
                row.Players.Order(StringComparer.Ordinal));
            Assert.Equal(pods[row.SessionId], row.GameServerPod);
            Assert.Contains(row.BackendPod, sides.Select(side => side.Name));
            Assert.True(row.CreatedAt <= row.EndedAt, row.ToString());
        });
    }

    [Fact]
    public async Task A_wait_at_one_backend_wakes_when_the_other_fills_the_match()
    {
        await using var stores = await CreateStoresAsync();
        await using var left = await stores.StartBackendAsync("backend-left", Settings);
        await using var right = await stores.StartBackendAsync("backend-right", Settings);
        var waiting = Players.New("waiting");
        (await left.Client.JoinAsync(waiting, Cancelled)).Ok();
        var told = left.Client.StatusAsync(waiting, seconds: 30, Cancelled);
        var ended = left.Client.WaitUntilEndedAsync(waiting, Cancelled);

        var seats = await right.Client.JoinAndWaitAsync(Players.New("other", SessionSize - 1), Cancelled);

        Assert.Equal(seats[0] with { Player = waiting }, Seat.Of(waiting, (await told).Ok()));
        (await right.Client.EndAsync(seats[0].SessionId, Cancelled)).Ok();
        await ended;
    }

    [Fact]
    public async Task A_match_is_ended_through_whichever_backend_is_asked()
    {
        await using var stores = await CreateStoresAsync();
        var seldom = ("Matchmaking__ReconcileSeconds", "600"); // The reconciler would end the match as well.
        await using var left = await stores.StartBackendAsync("backend-left", Settings, seldom);
        await using var right = await stores.StartBackendAsync("backend-right", Settings, seldom);

        foreach (var side in new[] { left, right })
        {
            var seats = await left.Client.JoinAndWaitAsync(Players.New("player", SessionSize), Cancelled);
            await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
            Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));

            (await side.Client.EndAsync(seats[0].SessionId, Cancelled)).Ok();
            Assert.Equal(["STATE stop"], await connection.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Players_of_a_backend_that_died_are_matched_by_the_other()
    {
        await using var stores = await CreateStoresAsync();
        await using var left = await stores.StartBackendAsync("backend-left", Settings);
        await using var right = await stores.StartBackendAsync("backend-right", Settings);
        var players = Players.New("orphan", SessionSize - 1);
        foreach (var player in players)
        {
            (await left.Client.JoinAsync(player, Cancelled)).Ok();
        }

        left.Program.Kill(); // As a machine that goes away: nothing is told to anybody.
        var last = await right.Client.JoinAndWaitAsync([Players.New("last")], Cancelled);

        foreach (var player in players)
        {
            Assert.Equal(last[0].SessionId, (await right.Client.WaitUntilMatchedAsync(player, Cancelled)).SessionId);
        }

        await using var connection = await LineClient.ConnectAsync(last[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
    }

    private async Task<SortedDictionary<string, string>> ReadPodsAsync(BackendProcess side)
    {
        var active = (await side.Client.ActiveSessionsAsync(Cancelled)).Ok();
        Assert.Equal("redis", active.Text("source"));
        var pods = active.Field("sessions").EnumerateArray().ToDictionary(
            session => session.GetProperty("session_id").GetString()!,
            session => session.GetProperty("game_server_pod").GetString()!);
        Assert.Equal(pods.Count, active.Number("count"));
        return new SortedDictionary<string, string>(pods, StringComparer.Ordinal);
    }
}
