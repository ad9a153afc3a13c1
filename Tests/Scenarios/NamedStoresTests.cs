using System.Globalization;
using System.Net;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Scenarios;

/// <summary>A backend whose Redis and Postgres are named by parts: host, user and password.</summary>
public sealed class NamedStoresTests(RedisFixture redisFixture, PostgresFixture postgres) : BackendTests(redisFixture, postgres)
{
    /// <summary>No connection string could hold it.</summary>
    private const string Password = "a,b=c;d'e\"f@g/h";

    private static readonly StackSettings OfTwo = new() { SessionSize = 2 };

    private readonly RedisFixture _redisFixture = redisFixture;

    [Fact]
    public async Task Users_with_passwords_of_any_characters_are_let_in()
    {
        await using var stores = await CreateStoresAsync();
        await using var redis = await OwnRedis.StartAsync(_redisFixture);
        await redis.AskAsync("ACL", "SETUSER", "parts", "on", $">{Password}", "~*", "&*", "+@all");
        var database = new NpgsqlConnectionStringBuilder(stores.Database);
        var user = $"parts_{stores.Queue}";
        await stores.Matches.ExecuteAsync(
            $"""
             CREATE ROLE {user} LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}';
             ALTER DATABASE "{database.Database}" OWNER TO {user};
             ALTER SCHEMA public OWNER TO {user};
             """,
            Cancelled);

        await using var backend = await stores.StartBackendAsync(
            "backend", OfTwo,
            ("ConnectionStrings__redis", ""), ("REDIS_HOST", "localhost\n"), ("REDIS_PORT", Text(redis.Port)),
            ("REDIS_USERNAME", "parts"), ("REDIS_PASSWORD", $"{Password}\n"),
            ("ConnectionStrings__matches", ""), ("DATABASE_URL", $"postgresql://{database.Host}:{database.Port}/{database.Database}"),
            ("DATABASE_USERNAME", user), ("DATABASE_PASSWORD", $"{Password}\n"));

        await backend.Client.JoinAndWaitAsync(Players.New("player", 2), Cancelled);
        Assert.Equal("redis", (await backend.Client.ActiveSessionsAsync(Cancelled)).Ok().Text("source"));
        await stores.Matches.WaitUntilAsync(rows => rows.Count == 1, "the match is recorded");
    }

    [Theory]
    [InlineData("REDIS_HOST", "redis.invalid", null)]
    [InlineData("REDIS_PORT", "1", null)]
    [InlineData("REDIS_PASSWORD", "wrong", "NOAUTH")]
    [InlineData("REDIS_PASSWORD", "", "NOAUTH")]
    public async Task A_Redis_that_is_named_and_not_usable_is_a_warning_and_players_are_queued_in_memory(
        string name, string value, string? reason)
    {
        await using var stores = await CreateStoresAsync();
        await using var redis = await OwnRedis.StartAsync(_redisFixture);
        await redis.AskAsync("ACL", "SETUSER", "default", "resetpass", ">right");

        await using var backend = await BackendProcess.StartAsync(
            "backend", stores, OfTwo,
            ("ConnectionStrings__redis", ""), ("REDIS_HOST", "127.0.0.1"), ("REDIS_PORT", Text(redis.Port)), ("REDIS_PASSWORD", "right"),
            (name, value));

        await backend.WaitForLineAsync("Redis is not usable; retrying");
        var joined = await Eventually.GetAsync(
            "queued in memory", token => backend.Client.JoinAsync("alone", token), answer => answer.Code == HttpStatusCode.OK,
            Waits.Patient);
        Assert.Equal("pending:alone", joined.Text("session_id"));
        var warning = Assert.Single(backend.Program.Lines, line => line.Contains("Redis is not usable", StringComparison.Ordinal));
        Assert.Contains(reason ?? "", warning, StringComparison.Ordinal);

        // An outage does not keep a backend from being ready, once it has heard of Postgres, too; a refusal does.
        var health = await Eventually.GetAsync(
            "health",
            token => backend.Client.GetAsync("health", token),
            answer => answer.Code == (reason is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable),
            Waits.Patient);
        Assert.Equal(reason is null ? "degraded" : "unhealthy", health.Field("checks").GetProperty("redis").GetString());
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
