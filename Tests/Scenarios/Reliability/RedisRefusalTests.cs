using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>A Redis that accepts connections but takes no writes counts as unavailable.</summary>
public sealed class RedisRefusalTests(RedisFixture redisFixture, PostgresFixture postgres) : ReliabilityTests
{
    private const string UsableAgain = "Redis is usable again, and up to date";

    private static readonly StackSettings OfThree = new() { SessionSize = 3 };

    [Theory]
    [InlineData(RedisRefusal.ReadOnly)]
    [InlineData(RedisRefusal.Full)]
    [InlineData(RedisRefusal.ScriptsForbidden)]
    [InlineData(RedisRefusal.CommandForbidden)]
    [InlineData(RedisRefusal.PublishForbidden)]
    public async Task A_backend_that_starts_while_Redis_takes_no_writes_makes_matches_without_it_until_it_does(RedisRefusal refusal)
    {
        await using var redis = await RefusingRedis.StartAsync(redisFixture, refusal);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await redis.RefuseAsync();
        await using var backend = await BackendProcess.StartAsync("backend", stores, OfThree);

        // A user who lacks a right is refused, and a backend that starts with such a user is not ready.
        await CheckRefusalAsync(backend, redis, refusal is RedisRefusal.ReadOnly or RedisRefusal.Full ? "degraded" : "unhealthy");
        await CheckReturnAsync(backend, redis, stores);
    }

    [Theory]
    [InlineData(RedisRefusal.ReadOnly)]
    [InlineData(RedisRefusal.Full)]
    [InlineData(RedisRefusal.ScriptsForbidden)]
    [InlineData(RedisRefusal.CommandForbidden)]
    public async Task A_backend_whose_Redis_stops_taking_writes_makes_matches_without_it_until_it_does(RedisRefusal refusal)
    {
        await using var redis = await RefusingRedis.StartAsync(redisFixture, refusal);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var backend = await stores.StartBackendAsync("backend", OfThree);
        var playing = await backend.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled);
        var waiting = Players.New("waiting", 3);
        await JoinAsync(backend, waiting[0]);

        await redis.RefuseAsync();
        await backend.WaitForLineAsync("Redis is not usable; retrying");
        await TryToJoinAsync(backend, waiting[1]);
        await CheckRefusalAsync(backend, redis, "degraded");
        Assert.Equal(playing[0], await WaitUntilMatchedAsync(backend, playing[0].Player));
        await CheckReturnAsync(backend, redis, stores);

        await Task.WhenAll(JoinAsync(backend, waiting[1]), JoinAsync(backend, waiting[2]));
        var seats = await Task.WhenAll(waiting.Select(player => WaitUntilMatchedAsync(backend, player)));
        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        await EndAsync(backend, playing[0].SessionId);
    }

    [Fact]
    public async Task A_Redis_that_its_outbox_has_filled_is_usable_once_Postgres_has_the_records()
    {
        const int Records = 5_000;
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        const string Fill =
            """
            for i = 1, ARGV[1] do
              redis.call('XADD', KEYS[1], '*', 'match', string.format('00000000-0000-0000-0000-%012d', i), 'players', '["ann"]',
                'backend', string.rep('b', 800), 'server', 's', 'created', '1764000000000000', 'ended', '1764000001000000')
            end
            """;
        await redis.AskAsync("EVAL", Fill, "1", $"{{q:{stores.Queue}}}:outbox", $"{Records}");
        await redis.LimitMemoryAsync(await redis.UsedMemoryAsync() - 1_000_000);
        await using var backend = await BackendProcess.StartAsync("backend", stores, OfThree);

        await WaitUntilHealthAsync(backend, "ok");
        await stores.Matches.WaitUntilAsync(rows => rows.Count == Records, "all records are written");
        Assert.Contains(backend.Program.Lines, line => SaysWhyUnusable(line, "OOM"));
        await backend.Client.JoinAndWaitAsync(Players.New("player", 3), Cancelled);
    }

    /// <summary>
    /// Joins are refused until the backend matches in its memory; <see cref="ReliabilityTests.JoinAsync"/> tries until then.
    /// </summary>
    private async Task CheckRefusalAsync(BackendProcess backend, RefusingRedis redis, string check)
    {
        var players = Players.New("memory", 3);
        await Task.WhenAll(players.Select(player => JoinAsync(backend, player)));
        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(backend, player)));

        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        Assert.NotEqual("redis", (await backend.Client.ActiveSessionsAsync(Cancelled)).Ok().Text("source"));
        var health = await backend.Client.GetAsync("health", Cancelled);
        Assert.Equal("degraded", health.Text("status"));
        Assert.Equal(check, health.Field("checks").GetProperty("redis").GetString());
        Assert.Contains(backend.Program.Lines, line => SaysWhyUnusable(line, redis.Error));
        await EndAsync(backend, seats[0].SessionId);
    }

    /// <summary>
    /// The join is refused, unless the machine is so busy that the backend matches in its memory by now. A player who waits there leaves
    /// again, so as not to be in the next match.
    /// </summary>
    private async Task TryToJoinAsync(BackendProcess backend, string player)
    {
        var answer = await backend.Client.JoinAsync(player, Cancelled);
        if (answer.Code == HttpStatusCode.OK)
        {
            await ContractClient.OkAsync(() => backend.Client.LeaveAsync(player, Cancelled));
            return;
        }

        answer.IsProblem(HttpStatusCode.ServiceUnavailable);
    }

    private static bool SaysUnusable(string line) => line.Contains("Redis is not usable; retrying", StringComparison.Ordinal);

    /// <summary>Only the first reason is logged. On a busy machine, Redis may have been too slow before it refused anything.</summary>
    private static bool SaysWhyUnusable(string line, string error) =>
        SaysUnusable(line) && new[] { error, "No connection is ", "Timeout" }.Any(text => line.Contains(text, StringComparison.Ordinal));

    private static bool SaysUsable(string line) => line.Contains(UsableAgain, StringComparison.Ordinal);

    private async Task CheckReturnAsync(BackendProcess backend, RefusingRedis redis, BackendStores stores)
    {
        var players = Players.New("handed-over", 3);
        await Task.WhenAll(players.Select(player => JoinAsync(backend, player)));
        var kept = await WaitUntilMatchedAsync(backend, players[0]);
        await redis.MendAsync();
        await WaitUntilHealthAsync(backend, "ok");
        await WaitUntilBackInRedisAsync(backend);

        Assert.Equal(kept, await WaitUntilMatchedAsync(backend, players[0]));
        Assert.True(await redis.HasMatchAsync(stores, kept.SessionId));
        await backend.WaitForLineAsync(UsableAgain);

        // A line for each change, and none for a retry. A busy machine may have lost Redis more than once.
        var changes = backend.Program.Lines.Where(line => SaysUnusable(line) || SaysUsable(line)).Select(SaysUsable).ToArray();
        Assert.Equal(changes.Select((_, i) => i % 2 == 1), changes);
        await EndAsync(backend, kept.SessionId);
    }
}
