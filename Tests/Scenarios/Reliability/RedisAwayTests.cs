using System.Net;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios.Reliability;

public sealed class RedisAwayTests(RedisFixture redisFixture, PostgresFixture postgres) : ReliabilityTests
{
    private static readonly StackSettings OfThree = new() { SessionSize = 3 };

    [Fact]
    public async Task Those_who_wait_when_Redis_restarts_are_matched_afterwards()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var backend = await stores.StartBackendAsync("backend", OfThree);
        var players = Players.New("player", 3);
        await JoinAsync(backend, players[0]);
        await JoinAsync(backend, players[1]);

        await redis.KillAsync();
        await WaitUntilHealthAsync(backend, "degraded");
        Assert.Equal("pending", (await backend.Client.StatusAsync(players[0], Cancelled)).Ok().Text("status"));
        await JoinAsync(backend, players[1]);
        await redis.StartAgainAsync();
        await WaitUntilHealthAsync(backend, "ok");

        await JoinAsync(backend, players[2]);
        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(backend, player)));
        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        Assert.Equal(players, (await JoinAsync(backend, players[0])).Texts("players"));
    }

    [Fact]
    public async Task While_one_backend_alone_has_no_Redis_its_matches_end_and_its_players_leave_through_the_proxy()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var way = new TcpForwarder(redis.Port);
        await using var stores = await StoresAsync(redis);
        await using var alone = await stores.StartBackendAsync("backend-alone", OfThree, ("ConnectionStrings__redis", way.Address));
        await using var other = await stores.StartBackendAsync("backend-other", OfThree);
        await using var proxy = await ProxyProcess.StartAsync(alone.Root, other.Root);
        way.MoveTo(FreePort.Next(), cut: true);
        await WaitUntilHealthAsync(alone, "degraded");
        var players = Players.New("player", 3);
        await Task.WhenAll(players.Select(player => JoinAsync(alone, player)));
        var seat = await WaitUntilMatchedAsync(alone, players[0]);
        var waiting = Players.New("waiting", 4);
        await JoinAsync(alone, waiting[0]);
        await Eventually.IsAsync(
            "the proxy finds the player",
            async token => await proxy.Client.StatusAsync(players[0], token) is { Code: HttpStatusCode.OK } status
                && status.Text("status") == "matched",
            Waits.Start);
        await using var connection = await LineClient.ConnectAsync(seat, Cancelled);

        (await proxy.Client.EndAsync(seat.SessionId, Cancelled)).Ok();
        Assert.Equal(["STATE stop"], await connection.ReadToEndAsync());

        (await proxy.Client.LeaveAsync(waiting[0], Cancelled)).Ok();
        await Task.WhenAll(waiting[1..].Select(player => JoinAsync(alone, player)));
        var seats = await Task.WhenAll(waiting[1..].Select(player => WaitUntilMatchedAsync(alone, player)));
        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        await EndAsync(alone, seats[0].SessionId);
    }

    [Fact]
    public async Task A_match_formed_while_Redis_is_away_is_known_to_everybody_when_it_is_back()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var left = await stores.StartBackendAsync("backend-left", OfThree);
        await using var right = await stores.StartBackendAsync("backend-right", OfThree);
        var players = Players.New("player", 3);

        await redis.KillAsync();
        await WaitUntilHealthAsync(left, "degraded");
        foreach (var player in players)
        {
            await JoinAsync(left, player);
        }

        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(left, player)));
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        await redis.StartAgainAsync();

        Assert.Equal(seats[1], await WaitUntilMatchedAsync(right, players[1]));
        await EndAsync(right, seats[0].SessionId);
        Assert.Equal(["STATE stop"], await connection.ReadToEndAsync());
        var rows = await stores.Matches.WaitUntilAsync(rows => rows.Any(row => row.EndedAt is not null), "the match has ended");
        Assert.Equal(seats[0].SessionId, Assert.Single(rows).SessionId);
    }

    [Fact]
    public async Task A_match_in_the_memory_of_a_slow_backend_is_not_denied_by_the_others()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var slow = await stores.StartBackendAsync("backend-slow", OfThree);
        await using var quick = await stores.StartBackendAsync("backend-quick", OfThree);
        var players = Players.New("player", 3);
        await redis.KillAsync();
        await WaitUntilHealthAsync(slow, "degraded");
        await Task.WhenAll(players.Select(player => JoinAsync(slow, player)));
        var seat = await WaitUntilMatchedAsync(slow, players[0]);

        slow.Program.Signal(UnixSignals.Stop);
        await redis.StartAgainAsync();
        await WaitUntilHealthAsync(quick, "ok");

        Assert.Equal("pending", (await quick.Client.StatusAsync(players[0], Cancelled)).Ok().Text("status"));
        (await quick.Client.EndAsync(seat.SessionId, Cancelled)).IsProblem(HttpStatusCode.ServiceUnavailable);
        slow.Program.Signal(UnixSignals.Continue);
        Assert.Equal(seat, await WaitUntilMatchedAsync(quick, players[0]));
        await EndAsync(quick, seat.SessionId);
    }

    [Fact]
    public async Task Those_who_waited_in_the_memories_of_two_backends_meet_when_Redis_is_back()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var left = await stores.StartBackendAsync("backend-left", new StackSettings { SessionSize = 2 });
        await using var right = await stores.StartBackendAsync("backend-right", new StackSettings { SessionSize = 2 });
        var players = Players.New("player", 2);

        await redis.KillAsync();
        await WaitUntilHealthAsync(left, "degraded");
        await WaitUntilHealthAsync(right, "degraded");
        await JoinAsync(left, players[0]);
        await JoinAsync(right, players[1]);
        await redis.StartAgainAsync();

        var first = await WaitUntilMatchedAsync(left, players[0]);
        Assert.Equal(first.SessionId, (await WaitUntilMatchedAsync(right, players[1])).SessionId);
    }

    [Fact]
    public async Task Those_who_wait_in_the_memory_of_a_backend_that_stops_are_handed_over_when_Redis_is_back()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var stopping = await stores.StartBackendAsync("backend-stopping", OfThree);
        await using var staying = await stores.StartBackendAsync("backend-staying", OfThree);
        var players = Players.New("player", 3);
        await redis.KillAsync();
        await WaitUntilHealthAsync(stopping, "degraded");
        await JoinAsync(stopping, players[0]);
        await JoinAsync(stopping, players[1]);

        stopping.Program.Signal(UnixSignals.Terminate);
        await stopping.WaitForLineAsync("Draining for");
        await redis.StartAgainAsync();
        Assert.Equal(0, await stopping.Program.WaitForExitAsync("stopping", Waits.Start));

        await WaitUntilBackInRedisAsync(staying);
        await JoinAsync(staying, players[2]);
        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(staying, player)));
        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
    }

    [Fact]
    public async Task A_match_that_ends_while_Redis_is_away_has_ended()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var backend = await stores.StartBackendAsync("backend", OfThree);
        var players = Players.New("player", 3);
        var seats = await backend.Client.JoinAndWaitAsync(players, Cancelled);

        await redis.KillAsync();
        await WaitUntilHealthAsync(backend, "degraded");
        Assert.Equal(seats[0], await WaitUntilMatchedAsync(backend, players[0]));
        Assert.Equal(seats[0].SessionId, (await JoinAsync(backend, players[0])).Text("session_id"));
        await EndAsync(backend, seats[0].SessionId);
        await EndAsync(backend, seats[0].SessionId);
        Assert.Equal("ended", (await backend.Client.StatusAsync(players[0], Cancelled)).Ok().Text("status"));
        await redis.StartAgainAsync();

        await WaitUntilHealthAsync(backend, "ok");
        await backend.Client.WaitUntilEndedAsync(players[0], Cancelled);
        var rows = await stores.Matches.WaitUntilAsync(rows => rows.Any(row => row.EndedAt is not null), "the match has ended");
        Assert.Equal(seats[0].SessionId, Assert.Single(rows).SessionId);
    }

    [Fact]
    public async Task Nobody_is_told_to_have_left_a_queue_that_cannot_be_reached()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var backend = await stores.StartBackendAsync("backend", OfThree);
        var playing = await backend.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled);
        var waiting = Players.New("waiting", 3);
        await JoinAsync(backend, waiting[0]);

        await redis.KillAsync();
        await WaitUntilHealthAsync(backend, "degraded");
        await JoinAsync(backend, waiting[1]);
        (await backend.Client.LeaveAsync(waiting[0], Cancelled)).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await backend.Client.LeaveAsync(playing[0].Player, Cancelled)).IsProblem(HttpStatusCode.Conflict);
        Assert.Equal("left", (await backend.Client.LeaveAsync(waiting[1], Cancelled)).Ok().Text("status"));
        await redis.StartAgainAsync();
        await WaitUntilBackInRedisAsync(backend);

        Assert.Equal("pending", (await backend.Client.StatusAsync(waiting[0], Cancelled)).Ok().Text("status"));
        Assert.Equal("left", (await backend.Client.LeaveAsync(waiting[0], Cancelled)).Ok().Text("status"));
        await EndAsync(backend, playing[0].SessionId);
    }

    [Fact]
    public async Task A_Redis_that_comes_back_empty_is_told_again_who_waits_and_who_plays()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var left = await stores.StartBackendAsync("backend-left", OfThree);
        await using var right = await stores.StartBackendAsync("backend-right", OfThree);
        var playing = Players.New("playing", 3);
        var seats = await left.Client.JoinAndWaitAsync(playing, Cancelled);
        var waiting = Players.New("waiting", 3);
        await JoinAsync(right, waiting[0]);
        await JoinAsync(left, waiting[1]);

        await redis.KillAsync();
        await redis.StartEmptyAsync();
        await WaitUntilHealthAsync(left, "ok");
        await WaitUntilHealthAsync(right, "ok");

        Assert.Equal(seats[2], await WaitUntilMatchedAsync(right, playing[2]));
        await JoinAsync(right, waiting[2]);
        var met = await Task.WhenAll(waiting.Select(player => WaitUntilMatchedAsync(left, player)));
        Assert.Single(met.Select(seat => seat.SessionId).Distinct());

        // In any order: each backend knows the clock of Redis only as well as the last answer was fast.
        Assert.Equal(waiting.Order(), (await JoinAsync(right, waiting[0])).Texts("players").Order());
        await EndAsync(right, seats[0].SessionId);
        await EndAsync(left, met[0].SessionId);
        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Count > 1 && rows.All(row => row.EndedAt is not null), "both matches have ended");
        Assert.Equal(new[] { seats[0].SessionId, met[0].SessionId }.Order(StringComparer.Ordinal), rows.Select(row => row.SessionId));
    }

    [Fact]
    public async Task A_Redis_that_hangs_has_calls_refused_and_loses_nobody()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var backend = await stores.StartBackendAsync("backend", OfThree);
        var before = Players.New("before", 2);
        foreach (var player in before)
        {
            await JoinAsync(backend, player);
        }

        redis.Hang();
        var during = Players.New("during", 10);
        var answers = await Task.WhenAll(during.Select(player => backend.Client.JoinAsync(player, Cancelled)));
        redis.GoOn();
        await WaitUntilHealthAsync(backend, "ok"); // Before, a join may be taken into memory, where the others are not.

        Assert.Contains(answers, answer => answer.Code == HttpStatusCode.ServiceUnavailable);
        await Task.WhenAll(during.Select(player => JoinAsync(backend, player)));
        var seats = await Task.WhenAll(before.Concat(during).Select(player => WaitUntilMatchedAsync(backend, player)));
        Assert.All(seats.GroupBy(seat => seat.SessionId), match => Assert.Equal(3, match.Count()));
    }

    [Fact]
    public async Task A_player_who_left_while_Redis_hung_stays_out_although_Redis_finds_an_earlier_join_when_it_works_again()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        await using var backend = await stores.StartBackendAsync("backend", OfThree);
        var player = Players.New("gone", 1)[0];

        redis.Hang();
        await backend.Client.JoinAsync(player, Cancelled); // Refused, unless the machine is so busy that the memory has taken over by now.
        await JoinAsync(backend, player);
        Assert.Equal("left", (await backend.Client.LeaveAsync(player, Cancelled)).Ok().Text("status"));
        redis.GoOn();
        await WaitUntilBackInRedisAsync(backend);

        // Calls are signs of life: a player who waits in Redis would do so for as long as this asks. (For a moment, everybody may wait.)
        await Eventually.GetAsync(
            "the player is unknown", token => backend.Client.StatusAsync(player, token), answer => answer.Code == HttpStatusCode.NotFound,
            Waits.Patient);
    }

    [Fact]
    public async Task Under_load_nobody_is_lost_and_nobody_is_in_two_matches_however_often_Redis_restarts()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = await StoresAsync(redis);
        // Of 120 players, matches of three and two may leave one who must not wait for others.
        var settings = new StackSettings { SessionSize = 3, MinPartialSessionSize = 1, FlushWaitSeconds = 1 };
        await using var backend = await stores.StartBackendAsync("backend", settings);
        var players = Players.New("player", 120);

        var load = Task.WhenAll(players.Select(async (player, i) =>
        {
            // Players come one after the other, for as long as Redis comes and goes.
            await Task.Delay(TimeSpan.FromMilliseconds(100 * i), Cancelled);
            await JoinAsync(backend, player);
            var seat = await WaitUntilMatchedAsync(backend, player);
            Assert.Equal(seat, await WaitUntilMatchedAsync(backend, player));
            return seat;
        }));
        while (!load.IsCompleted)
        {
            await redis.KillAsync();
            await Task.WhenAny(load, Task.Delay(TimeSpan.FromSeconds(0.5), Cancelled));
            await redis.StartAgainAsync();
            await WaitUntilHealthAsync(backend, "ok");

            // Long enough for backends to bring in what they did meanwhile, and for some matches to be formed.
            await Task.WhenAny(load, Task.Delay(TimeSpan.FromSeconds(4), Cancelled));
        }

        var matches = (await load).GroupBy(seat => seat.SessionId)
            .ToDictionary(match => match.Key, match => match.Select(seat => seat.Player).Order());
        await Task.WhenAll(matches.Keys.Select(match => EndAsync(backend, match)));
        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Count >= matches.Count && rows.All(row => row.EndedAt is not null), "every match has ended");
        Assert.Equal(matches.Keys.Order(StringComparer.Ordinal), rows.Select(row => row.SessionId));
        Assert.All(rows, row => Assert.Equal(matches[row.SessionId], row.Players.Order()));
    }

    private async Task<BackendStores> StoresAsync(OwnRedis redis) => new(redis.ConnectionString, await postgres.CreateDatabaseAsync());
}
