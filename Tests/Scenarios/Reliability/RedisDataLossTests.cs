using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>Redis loses data while its connections last.</summary>
public sealed class RedisDataLossTests(RedisFixture redisFixture, PostgresFixture postgres) : ReliabilityTests
{
    private static readonly StackSettings OfThree = new() { SessionSize = 3 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_FLUSHALL_all_matches_stay_live_and_all_waiting_players_are_matched(int backends)
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var left = await stores.StartBackendAsync("backend-left", OfThree);
        await using var other = backends == 1 ? null : await stores.StartBackendAsync("backend-right", OfThree);
        var right = other ?? left;
        var playing = (await left.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled))
            .Concat(await right.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled)).ToArray();
        var waiting = Players.New("waiting", 3);
        await JoinAsync(right, waiting[0]);
        await JoinAsync(left, waiting[1]);

        await redis.AskAsync("FLUSHALL");
        await Task.WhenAll(left.WaitForLineAsync("Redis has lost data"), right.WaitForLineAsync("Redis has lost data"));
        await Task.WhenAll(WaitUntilBackInRedisAsync(left), WaitUntilBackInRedisAsync(right));

        await CheckMatchesAsync(stores, left, right, playing, waiting);
    }

    [Theory]
    [InlineData("waiting")]
    [InlineData("heard")]
    [InlineData("claims")]
    [InlineData("live")]
    [InlineData("state")]
    [InlineData("outbox")]
    [InlineData("backends")]
    public async Task A_key_that_is_deleted_is_rebuilt_within_seconds_and_nobody_is_harmed(string key)
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var left = await stores.StartBackendAsync("backend-left", OfThree);
        await using var right = await stores.StartBackendAsync("backend-right", OfThree);
        var playing = await left.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled);
        var waiting = Players.New("waiting", 3);
        await JoinAsync(right, waiting[0]);
        await JoinAsync(left, waiting[1]);

        Assert.Equal("1", await redis.AskAsync("DEL", $"{{q:{stores.Queue}}}:{key}"));
        using (var within = Waits.Within(Waits.Patient))
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (await redis.AskAsync("EXISTS", $"{{q:{stores.Queue}}}:{key}") != "1")
            {
                await timer.WaitForNextTickAsync(within.Token); // Nothing says when: only Redis knows.
            }
        }

        await Task.WhenAll(WaitUntilBackInRedisAsync(left), WaitUntilBackInRedisAsync(right));
        await CheckMatchesAsync(stores, left, right, playing, waiting);
    }

    [Fact]
    public async Task The_matches_of_a_backend_that_drains_stay_live_after_FLUSHALL()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var draining = await stores.StartBackendAsync("backend-draining", OfThree, ("GameServers__DrainSeconds", "600"));
        await using var staying = await stores.StartBackendAsync("backend-staying", OfThree);
        var seats = await draining.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled);
        draining.Program.Signal(UnixSignals.Terminate);
        await draining.WaitForLineAsync("Waiting up to 600 s for 1 live matches to end");

        await redis.AskAsync("FLUSHALL");
        await Task.WhenAll(draining.WaitForLineAsync("Redis has lost data"), staying.WaitForLineAsync("Redis has lost data"));
        await WaitUntilBackInRedisAsync(staying);

        Assert.Equal(seats[0], await WaitUntilMatchedAsync(staying, seats[0].Player));
        await EndAsync(staying, seats[0].SessionId);
        Assert.Equal(0, await draining.Program.WaitForExitAsync("draining", Waits.Start));
    }

    /// <summary>In the middle of a rotation: one backend has the new key already, the other made the match without it.</summary>
    [Fact]
    public async Task Whatever_happens_to_Redis_tickets_are_signed_with_the_key_that_the_matchs_server_knows()
    {
        using var folder = new TestFolder();
        using var oldKey = new TestTickets();
        using var newKey = new TestTickets();
        var (oldFile, newFile) = (Path.Combine(folder.Path, "old"), Path.Combine(folder.Path, "new"));
        await File.WriteAllTextAsync(oldFile, oldKey.PrivatePem, Cancelled);
        await File.WriteAllTextAsync(newFile, newKey.PrivatePem, Cancelled);
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var left = await stores.StartBackendAsync("backend-left", OfThree, ("Tickets__KeyFile", oldFile));
        await using var right = await stores.StartBackendAsync("backend-right", OfThree, ("Tickets__KeyFile", $"{newFile},{oldFile}"));
        var seats = await left.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled);
        await JoinWithTicketAsync();

        await redis.AskAsync("FLUSHALL");
        await Task.WhenAll(left.WaitForLineAsync("Redis has lost data"), right.WaitForLineAsync("Redis has lost data"));
        await Task.WhenAll(WaitUntilBackInRedisAsync(left), WaitUntilBackInRedisAsync(right));
        await JoinWithTicketAsync();

        await redis.KillAsync();
        await right.WaitForLineAsync("Redis is not usable");
        await JoinWithTicketAsync();

        async Task JoinWithTicketAsync()
        {
            foreach (var seat in seats)
            {
                await WaitUntilMatchedAsync(right, seat.Player);
                var ticket = (await right.Client.StatusAsync(seat.Player, Cancelled)).Ok().Text("ticket");
                Assert.Equal(oldKey.Key.Id, TestTickets.Decode(ticket, 0).GetProperty("kid").GetString());
                await using var client = await LineClient.ConnectAsync(seat, Cancelled);
                Assert.Matches($"^JOINED [0-2] {seat.Player}$", await client.AskAsync($"JOIN {ticket}"));
            }
        }
    }

    /// <summary>The matches of these players are live and can end, and three who wait are matched when the last of them joins.</summary>
    private async Task CheckMatchesAsync(BackendStores stores, BackendProcess left, BackendProcess right, Seat[] playing, string[] waiting)
    {
        foreach (var seat in playing)
        {
            Assert.Equal(seat, await WaitUntilMatchedAsync(right, seat.Player));
        }

        await JoinAsync(right, waiting[2]);
        var met = await Task.WhenAll(waiting.Select(player => WaitUntilMatchedAsync(left, player)));
        Assert.Single(met.Select(seat => seat.SessionId).Distinct());

        // Each backend brings back its own players by how long they have waited: joins milliseconds apart, at two backends, may swap.
        var players = (await JoinAsync(right, waiting[0])).Texts("players");
        Assert.Equal(waiting.Order(), players.Order());
        Assert.Equal(waiting[2], players[^1]);

        string[] matches = [.. playing.Append(met[0]).Select(seat => seat.SessionId).Distinct().Order(StringComparer.Ordinal)];
        foreach (var match in matches)
        {
            await EndAsync(right, match);
        }

        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Count >= matches.Length && rows.All(row => row.EndedAt is not null), "all matches have ended");
        Assert.Equal(matches, rows.Select(row => row.SessionId));
    }
}
