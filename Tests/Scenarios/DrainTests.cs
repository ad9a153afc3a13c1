using System.Net;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>What happens to matches and claims when their backend is told to stop.</summary>
public sealed class DrainTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private static readonly StackSettings Pairs = new() { SessionSize = 2 };

    [Fact]
    public async Task Claims_of_a_backend_that_stops_are_taken_over_at_once_however_long_their_lease_is()
    {
        await using var stuck = new RudeGameServer(_ => new TaskCompletionSource<string?>().Task);
        await using var stores = await CreateStoresAsync();
        var longLease = ("Matchmaking__LeaseSeconds", "600");
        await using var left = await stores.StartBackendAsync(
            "left", Pairs, longLease, ("GameServers__Program", stuck.Program),
            ("GameServers__AssignTimeout", "00:10:00"), ("GameServers__AllocationTimeout", "00:10:00"));
        await using var right = await stores.StartBackendAsync("right", Pairs, longLease);
        var players = Players.New("player", 10);
        foreach (var player in players)
        {
            // Each second one fills a match, which is then this backend's claim: its servers answer to nothing.
            var joined = await ContractClient.OkAsync(() => left.Client.JoinAsync(player, Cancelled));
            Assert.Equal("pending:" + player, joined.Text("session_id"));
        }

        var exit = left.StopAsync();

        var seats = await Task.WhenAll(players.Select(player => right.Client.WaitUntilMatchedAsync(player, Cancelled)));
        Assert.All(seats.GroupBy(seat => seat.SessionId), match => Assert.Equal(2, match.Count()));
        foreach (var seat in seats)
        {
            await using var connection = await LineClient.ConnectAsync(seat, Cancelled);
            Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
        }

        Assert.Equal(0, await exit);
        Assert.Equal(5, left.Program.Lines.Count(line => line.Contains("is handed over, because this backend stops",
            StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_join_at_a_backend_that_drains_fills_a_match_that_another_one_gives_a_server()
    {
        await using var stores = await CreateStoresAsync();
        await using var left = await stores.StartBackendAsync(
            "left", Pairs, ("Shutdown__DrainSeconds", "600"), ("Matchmaking__LeaseSeconds", "600"));
        await using var right = await stores.StartBackendAsync("right", Pairs, ("Matchmaking__LeaseSeconds", "600"));
        left.Program.Signal(UnixSignals.Terminate);
        await left.WaitForLineAsync("Draining for");

        var seats = await left.Client.JoinAndWaitAsync(Players.New("player", 2), Cancelled);

        Assert.Equal(seats[0].SessionId, seats[1].SessionId);
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
        await right.WaitForLineAsync($"Match {seats[0].SessionId}", "plays on");
        left.Program.Kill();
    }

    [Fact]
    public async Task A_match_is_played_to_its_end_while_its_backend_waits_for_it()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, ("GameServers__DrainSeconds", "600"));
        var seats = await backend.Client.JoinAndWaitAsync(Players.New("player", 2), Cancelled);
        await stores.Matches.WaitUntilAsync(rows => rows.Count == 1, "the match is recorded");
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("RUNNING_LENGTH 600", await connection.AskAsync("REQUEST_MATCH 600"));
        Assert.Equal("STATE running", await connection.ReadLineAsync());

        var exit = backend.StopAsync();
        await backend.WaitForLineAsync("Waiting up to 600 s for 1 live matches to end");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await backend.Client.GetAsync("health", Cancelled)).Code);
        Assert.Equal("matched", (await backend.Client.StatusAsync(seats[0].Player, Cancelled)).Ok().Text("status"));
        Assert.Equal("STATE running", await connection.AskAsync("GET_STATE"));
        Assert.False(exit.IsCompleted);

        await connection.DisposeAsync();

        Assert.Equal(0, await exit);
        var row = Assert.Single(await stores.Matches.WaitUntilAsync(rows => rows.Count == 1, "the match is recorded"));
        Assert.NotNull(row.EndedAt);
    }

    [Fact]
    public async Task Matches_that_outlast_the_drain_are_ended_their_players_told_and_their_end_recorded_before_the_backend_is_gone()
    {
        await using var stores = await CreateStoresAsync();
        await using var left = await stores.StartBackendAsync("left", Pairs, ("GameServers__DrainSeconds", "0"));
        await using var right = await stores.StartBackendAsync("right", Pairs);
        var players = Players.New("player", 10);
        var seats = new List<Seat>();
        foreach (var pair in players.Chunk(2))
        {
            seats.AddRange(await left.Client.JoinAndWaitAsync(pair, Cancelled));
        }

        await stores.Matches.WaitUntilAsync(rows => rows.Count == 5, "the matches are recorded");
        var connections = await Task.WhenAll(seats.Select(seat => LineClient.ConnectAsync(seat, Cancelled)));
        foreach (var connection in connections)
        {
            Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
        }

        var told = Task.WhenAll(players.Select(player => right.Client.WaitUntilEndedAsync(player, Cancelled)));

        Assert.Equal(0, await left.StopAsync());

        var lines = await Task.WhenAll(connections.Select(connection => connection.ReadToEndAsync()));
        Assert.All(lines, each => Assert.Equal(["STATE stop"], each));
        await told;
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        // Whichever backend has the turn writes the rows; that their matches have ended was said by the one that is gone.
        var rows = await stores.Matches.WaitUntilAsync(rows => rows.All(row => row.EndedAt is not null), "the matches have ended");
        Assert.Equal(5, rows.Count);
        Assert.DoesNotContain(right.Program.Lines, line => line.Contains("is over", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(UnixSignals.Terminate)]
    [InlineData(UnixSignals.Interrupt)]
    [InlineData(UnixSignals.HangUp)]
    public async Task The_last_backend_writes_the_end_of_its_matches_before_it_is_gone(int signal)
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs);
        foreach (var pair in Players.New("player", 6).Chunk(2))
        {
            await backend.Client.JoinAndWaitAsync(pair, Cancelled);
        }

        await stores.Matches.WaitUntilAsync(rows => rows.Count == 3, "the matches are recorded");

        backend.Program.Signal(signal);
        Assert.Equal(0, await backend.Program.WaitForExitAsync("stopping", Waits.Patient));

        Assert.All(await stores.Matches.WaitUntilAsync(rows => rows.Count == 3, "they are recorded"), row => Assert.NotNull(row.EndedAt));
    }
}
