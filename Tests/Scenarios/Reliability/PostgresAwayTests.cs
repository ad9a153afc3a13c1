using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios.Reliability;

[Collection(MachineCollection.Name)]
public sealed class PostgresAwayTests(RedisFixture redis, PostgresFixture postgres) : ReliabilityTests
{
    [Fact]
    public async Task Matches_go_on_without_Postgres_and_every_record_arrives_afterwards()
    {
        var options = postgres.Options() with { Port = FreePort.Next(), Durable = true };
        var server = await postgres.StartNewAsync(options);
        await server.CreateDatabaseAsync("matches", Cancelled);
        await using var stores = new BackendStores((await redis.GetAsync()).ConnectionString, server.ConnectionStringFor("matches"));
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 3 });

        await server.DisposeAsync();
        var players = Players.New("player", 60);
        await Task.WhenAll(players.Select(player => JoinAsync(backend, player)));
        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(backend, player)));
        var matches = seats.Select(seat => seat.SessionId).Distinct().Order(StringComparer.Ordinal).ToArray();
        await Task.WhenAll(matches.Select(match => EndAsync(backend, match)));
        await WaitUntilHealthAsync(backend, "degraded");

        await using var again = await postgres.StartNewAsync(options);
        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Count >= matches.Length && rows.All(row => row.EndedAt is not null), "every match has ended");
        Assert.Equal(matches, rows.Select(row => row.SessionId));
        Assert.Equal(players.Order(), rows.SelectMany(row => row.Players).Order());
    }
}
