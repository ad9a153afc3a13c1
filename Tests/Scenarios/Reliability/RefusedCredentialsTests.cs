using System.Globalization;
using System.Net;
using GameStack.Tests.Support;
using Npgsql;
using StackExchange.Redis;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>
/// Redis or Postgres refuses the backend's user. A backend that starts is then not ready; one that has used it before goes on as in an
/// outage.
/// </summary>
public sealed class RefusedCredentialsTests(RedisFixture redisFixture, PostgresFixture postgres) : ReliabilityTests
{
    private const string Right = "right-password";
    private const string Wrong = "wrong-password";

    private static readonly StackSettings OfTwo = new() { SessionSize = 2 };

    [Theory]
    [InlineData(Wrong)]
    [InlineData("")]
    public async Task A_backend_that_starts_with_credentials_that_Redis_refuses_is_not_ready_until_Redis_accepts_them(string password)
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var administrator = await LockAsync(redis);
        await using var stores = new BackendStores("", await postgres.CreateDatabaseAsync());
        await using var backend = await BackendProcess.StartAsync("backend", stores, OfTwo, Settings(redis, password));

        await CheckRefusalAsync(
            backend, HttpStatusCode.ServiceUnavailable, "redis", "Redis refuses the user of REDIS_USERNAME and REDIS_PASSWORD");

        await (password.Length > 0
            ? SetPasswordAsync(administrator, $">{password}")
            : administrator.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "on", "nopass"));
        await WaitUntilHealthAsync(backend, "ok");
    }

    [Fact]
    public async Task A_backend_that_has_used_Redis_stays_ready_when_Redis_refuses_its_password()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var administrator = await LockAsync(redis);
        await using var stores = new BackendStores("", await postgres.CreateDatabaseAsync());
        await using var backend = await stores.StartBackendAsync("backend", OfTwo, Settings(redis, Right));

        await SetPasswordAsync(administrator, ">another");
        await CheckRefusalAsync(backend, HttpStatusCode.OK, "redis", "Redis refuses the user of REDIS_USERNAME and REDIS_PASSWORD");
        var players = Players.New("memory", 2);
        await Task.WhenAll(players.Select(player => JoinAsync(backend, player)));
        var seats = await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(backend, player)));

        await SetPasswordAsync(administrator, $">{Right}");
        await WaitUntilHealthAsync(backend, "ok");
        await WaitUntilBackInRedisAsync(backend);
        Assert.Equal(seats[0], await WaitUntilMatchedAsync(backend, players[0]));
        await EndAsync(backend, seats[0].SessionId);
    }

    [Fact]
    public async Task A_backend_whose_user_loses_one_right_in_Redis_says_so_once_and_does_not_use_Redis_until_the_right_is_back()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var administrator = await LockAsync(redis);
        await using var stores = new BackendStores("", await postgres.CreateDatabaseAsync());
        await using var backend = await stores.StartBackendAsync("backend", OfTwo, Settings(redis, Right));
        await JoinAsync(backend, "leaving");

        var before = backend.Program.Lines.Count;
        await administrator.GetDatabase().ExecuteAsync("ACL", "SETUSER", "gamestack", "-publish");
        await backend.Client.LeaveAsync("leaving", Cancelled); // Heartbeats publish nothing, and go on.
        await CheckRefusalAsync(
            backend, HttpStatusCode.OK, "redis", "Redis refuses PUBLISH to the user of REDIS_USERNAME and REDIS_PASSWORD");
        var players = Players.New("memory", 2);
        await Task.WhenAll(players.Select(player => JoinAsync(backend, player)));
        await Task.WhenAll(players.Select(player => WaitUntilMatchedAsync(backend, player)));
        var lines = backend.Program.Lines.Skip(before).ToArray();
        Assert.Single(lines, line => line.Contains("Redis is not usable", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Redis is usable again", StringComparison.Ordinal));

        await administrator.GetDatabase().ExecuteAsync("ACL", "SETUSER", "gamestack", "+publish");
        await WaitUntilHealthAsync(backend, "ok");
        await WaitUntilBackInRedisAsync(backend);
    }

    [Theory]
    [InlineData("28P01", "the user of DATABASE_USERNAME and DATABASE_PASSWORD")]
    [InlineData("3D000", "the database of DATABASE_URL")]
    [InlineData("42501", "a right to the user of DATABASE_USERNAME and DATABASE_PASSWORD")]
    public async Task A_backend_that_starts_with_what_Postgres_refuses_is_not_ready_until_Postgres_accepts_it(string code, string what)
    {
        await using var stores = await StoresAsync();
        var role = await CreateRoleAsync(stores, code == "42501" ? "" : "ALTER SCHEMA public OWNER TO {0}");
        var settings = code switch
        {
            "28P01" => Settings(stores, role, Wrong),
            "3D000" => Settings(stores, role, Right, database: role),
            _ => Settings(stores, role, Right),
        };
        await using var backend = await BackendProcess.StartAsync("backend", stores, OfTwo, settings);

        await CheckRefusalAsync(backend, HttpStatusCode.ServiceUnavailable, "postgres", $"Postgres refuses {what} ({code}).");

        await stores.Matches.ExecuteAsync(
            code switch
            {
                "28P01" => $"ALTER ROLE {role} PASSWORD '{Wrong}'",
                "3D000" => $"CREATE DATABASE {role} OWNER {role}",
                _ => $"ALTER SCHEMA public OWNER TO {role}",
            },
            Cancelled);
        await WaitUntilHealthAsync(backend, "ok");
    }

    [Fact]
    public async Task A_backend_that_has_used_Postgres_stays_ready_when_Postgres_refuses_its_password_and_loses_no_record()
    {
        await using var stores = await StoresAsync();
        var role = await CreateRoleAsync(stores, "ALTER SCHEMA public OWNER TO {0}");
        await using var backend = await stores.StartBackendAsync("backend", OfTwo, Settings(stores, role, Right));

        await stores.Matches.ExecuteAsync(
            $"""
             ALTER ROLE {role} PASSWORD 'another';
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'
             """,
            Cancelled);
        await CheckRefusalAsync(
            backend, HttpStatusCode.OK, "postgres", "Postgres refuses the user of DATABASE_USERNAME and DATABASE_PASSWORD (28P01).");
        var seats = await backend.Client.JoinAndWaitAsync(Players.New("player", 2), Cancelled);

        await stores.Matches.ExecuteAsync($"ALTER ROLE {role} PASSWORD '{Right}'", Cancelled);
        await WaitUntilHealthAsync(backend, "ok");
        await stores.Matches.WaitUntilAsync(rows => rows.Any(row => row.SessionId == seats[0].SessionId), "the match is recorded");
    }

    private async Task CheckRefusalAsync(BackendProcess backend, HttpStatusCode status, string check, string reason)
    {
        var health = await Eventually.GetAsync(
            reason,
            token => backend.Client.GetAsync("health", token),
            answer => answer.Raw.Contains(reason, StringComparison.Ordinal),
            Waits.Patient);
        Assert.Equal(status, health.Code);
        Assert.Equal(status == HttpStatusCode.OK ? "degraded" : "unhealthy", health.Field("checks").GetProperty(check).GetString());

        // Long enough for several tries more.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancelled);
        Assert.Equal(status, (await backend.Client.GetAsync("health", Cancelled)).Code);
        Assert.Single(backend.Program.Lines, line => line.Contains(reason.Split(" (")[0] + "; retrying: ", StringComparison.Ordinal));
        Assert.DoesNotContain(backend.Program.Lines, line => line.Contains(Wrong, StringComparison.Ordinal));
        Assert.DoesNotContain(backend.Program.Lines, line => line.Contains(Right, StringComparison.Ordinal));
    }

    /// <summary>Lets nobody in without a password; the backends' user has the right one.</summary>
    private static async Task<ConnectionMultiplexer> LockAsync(OwnRedis redis)
    {
        await redis.AskAsync("ACL", "SETUSER", "administrator", "on", ">administrator", "~*", "&*", "+@all");
        var administrator = await ConnectionMultiplexer.ConnectAsync(
            $"{redis.ConnectionString},user=administrator,password=administrator,allowAdmin=true");
        await administrator.GetDatabase().ExecuteAsync("ACL", "SETUSER", "gamestack", "on", $">{Right}", "~*", "&*", "+@all");
        await administrator.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "off");
        return administrator;
    }

    /// <summary>Only this password counts from now on, and everybody has to show it.</summary>
    private static async Task SetPasswordAsync(ConnectionMultiplexer administrator, string rule)
    {
        await administrator.GetDatabase().ExecuteAsync("ACL", "SETUSER", "gamestack", "resetpass", rule);
        await administrator.GetDatabase().ExecuteAsync("CLIENT", "KILL", "USER", "gamestack");
    }

    private static (string Name, string Value)[] Settings(OwnRedis redis, string password) =>
    [
        ("ConnectionStrings__redis", ""), ("REDIS_HOST", "127.0.0.1"), ("REDIS_PORT", redis.Port.ToString(CultureInfo.InvariantCulture)),
        ("REDIS_USERNAME", "gamestack"), ("REDIS_PASSWORD", password),
    ];

    private async Task<BackendStores> StoresAsync() =>
        new((await redisFixture.GetAsync()).ConnectionString, await postgres.CreateDatabaseAsync());

    private async Task<string> CreateRoleAsync(BackendStores stores, string rights)
    {
        var role = $"role_{stores.Queue}";
        await stores.Matches.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD '{Right}';" + rights.Replace("{0}", role, StringComparison.Ordinal), Cancelled);
        return role;
    }

    private static (string Name, string Value)[] Settings(BackendStores stores, string role, string password, string? database = null)
    {
        var server = new NpgsqlConnectionStringBuilder(stores.Database);
        return
        [
            ("ConnectionStrings__matches", ""),
            ("DATABASE_URL", $"postgresql://{server.Host}:{server.Port}/{database ?? server.Database}"),
            ("DATABASE_USERNAME", role), ("DATABASE_PASSWORD", password),
        ];
    }
}
