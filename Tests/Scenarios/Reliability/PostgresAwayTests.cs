using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Support;
using LocalServers;
using Npgsql;

namespace GameStack.Tests.Scenarios.Reliability;

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

    [Fact]
    public async Task A_Postgres_that_hangs_degrades_health_and_holds_up_neither_probes_nor_matches()
    {
        var database = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        var (server, address) = (database.Port, (await redis.GetAsync()).ConnectionString);
        await using var way = new TcpForwarder(server);
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start(); // The system accepts connections for it, but nobody answers.
        (database.Host, database.Port) = ("127.0.0.1", way.Port);
        await using var stores = new BackendStores(address, database.ConnectionString);
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 3 });

        way.MoveTo(((IPEndPoint)hanging.LocalEndpoint).Port, cut: true);
        await WaitUntilHealthAsync(backend, "degraded");
        var seats = await backend.Client.JoinAndWaitAsync(Players.New("player", 3), Cancelled);
        await EndAsync(backend, seats[0].SessionId);
        (await backend.Client.StatusAsync("stranger", Cancelled)).IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, (await backend.Client.GetAsync("health", Cancelled)).Code);

        way.MoveTo(server, cut: true);
        await WaitUntilHealthAsync(backend, "ok");
        await stores.Matches.WaitUntilAsync(rows => rows.Any(row => row.EndedAt is not null), "the match has ended");
        Assert.DoesNotContain(backend.Program.Lines, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
    }
}
