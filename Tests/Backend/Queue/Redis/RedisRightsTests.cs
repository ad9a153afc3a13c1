using System.Text.RegularExpressions;
using GameStack.Backend;
using GameStack.Backend.Queue.Failover;
using GameStack.Backend.Queue.Redis;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Queue.Failover;
using GameStack.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed partial class RedisRightsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogRecords _log = new();
    private readonly RedisFixture _redis;
    private readonly LoggerFactory _logs;
    private LimitedRedisUser _user = null!;
    private RedisQueues _queues = null!;
    private FailoverBackend _backend = null!;

    public RedisRightsTests(RedisFixture redis)
    {
        _redis = redis;
        _logs = new LoggerFactory([_log]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _user = await LimitedRedisUser.CreateAsync(_redis);
        var connection = ConfigurationOptions.Parse(_user.ConnectionString);
        QueueExtensions.UseFewCommands(connection);
        var rules = TestRules.Of(size: 2);
        _queues = await RedisQueues.StartAsync(connection, rules, backends: 0);
        _backend = new FailoverBackend(_queues, rules, new FakeFleet(), _time, _logs);
        await AdvanceAsync("redis");
    }

    public async ValueTask DisposeAsync()
    {
        await _queues.DisposeAsync();
        await _user.DisposeAsync();
        _logs.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void The_check_has_the_commands_of_the_scripts_and_of_the_subscription()
    {
        var folder = Path.Combine(Repository.Root, "Backend", "Queue", "Redis");
        var used = Directory.EnumerateFiles(folder, "*.lua")
            .SelectMany(file => Call().Matches(File.ReadAllText(file))).Select(call => call.Groups["command"].Value)
            .Concat(["SUBSCRIBE", "SELECT"]);

        var known = Checked().Matches(File.ReadAllText(Path.Combine(folder, "rights.lua"))).Select(check => check.Groups["command"].Value);

        Assert.Equal(used.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("PUBLISH")]
    [InlineData("SET")]
    [InlineData("XADD")]
    [InlineData("ZRANK")]
    [InlineData("SUBSCRIBE")]
    public async Task A_backend_without_a_right_says_which_once_and_does_not_use_Redis_until_it_has_the_right(string command)
    {
        await _user.LimitAsync($"-{command}");
        _backend.Redis.State.Failed("The connection was lost.");
        for (var i = 0; i < 3; i++)
        {
            await AdvanceAsync("memory");
            await _backend.Queue.RenewAsync([], Token);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        var check = await new RedisHealthCheck(_backend.Redis.State).CheckHealthAsync(
            new() { Registration = new HealthCheckRegistration("redis", _ => null!, HealthStatus.Degraded, tags: null) }, Token);
        Assert.Equal(
            (HealthStatus.Degraded, $"Redis refuses {command} to the user of REDIS_PASSWORD (NOPERM)."),
            (check.Status, check.Data["reason"]));
        Assert.Equal(
            $"Redis refuses {command} to the user of REDIS_PASSWORD; retrying: NOPERM The user may not run {command}, which the queue's "
                + "scripts need.",
            Assert.Single(_log.Of(EventIds.AccessRefused)).Message);
        Assert.Single(_log.Of(EventIds.DoesNotServe));
        Assert.Empty(_log.Of(EventIds.ServesAgain));

        await _user.LimitAsync($"+{command}");
        await AdvanceAsync("redis");
        Assert.Single(_log.Of(EventIds.ServesAgain));
    }

    [Theory]
    [InlineData(0, "redis")]
    [InlineData(1, "memory")]
    public async Task SELECT_is_needed_for_another_database_than_0(int database, string source)
    {
        await _user.LimitAsync("-select");
        var connection = ConfigurationOptions.Parse(_user.ConnectionString);
        QueueExtensions.UseFewCommands(connection);
        connection.DefaultDatabase = database;
        var rules = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(connection, rules, backends: 0);
        var backend = new FailoverBackend(queues, rules, new FakeFleet(), _time, _logs);

        await backend.Queue.AdvanceAsync(Token);

        Assert.Equal(source, backend.Queue.Source);
    }

    [Fact]
    public async Task A_call_that_only_reads_and_is_refused_makes_Redis_unusable()
    {
        await _user.LimitAsync("-zcard");

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => _backend.Queue.CountLiveAsync(Token));

        await AdvanceAsync("memory");
    }

    [Fact]
    public async Task A_refusal_that_the_check_does_not_explain_keeps_Redis_unused_for_a_minute()
    {
        await _user.LimitAsync("resetkeys", "~{q:*}", "~{q:*}:[^p]*", "~{q:*}:pause"); // But not :player:….
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => _backend.Queue.JoinAsync("p1", "", Token));
        await AdvanceAsync("memory");
        _time.Advance(RedisRights.Pause - TimeSpan.FromMilliseconds(1));
        await AdvanceAsync("memory");
        Assert.StartsWith(
            "Redis refuses a right to the user of REDIS_PASSWORD", Assert.Single(_log.Of(EventIds.AccessRefused)).Message,
            StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await AdvanceAsync("redis");
    }

    private async Task AdvanceAsync(string source)
    {
        await _backend.Queue.AdvanceAsync(Token);
        Assert.Equal(source, _backend.Queue.Source);
    }

    [GeneratedRegex(@"redis\.call\('(?<command>[A-Z]+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Call();

    [GeneratedRegex(@"\{ '(?<command>[A-Z]+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Checked();
}
