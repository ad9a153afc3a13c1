using System.Diagnostics;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>A replica of Redis is promoted, and backends go on with it.</summary>
public sealed class RedisFailoverTests(RedisFixture redisFixture, PostgresFixture postgres) : ReliabilityTests
{
    private static readonly StackSettings OfThree = new() { SessionSize = 3 };

    /// <summary>Less than the minute after which the client looks for another primary by itself.</summary>
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(45);

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Backends_leave_a_Redis_that_takes_no_more_writes_for_the_new_primary_within_seconds(bool sameAddress, bool demoted)
    {
        await using var first = await OwnRedis.StartAsync(redisFixture);
        await using var second = await OwnRedis.StartAsync(redisFixture);
        await second.FollowAsync(first);
        if (!demoted)
        {
            await first.AskAsync("CONFIG", "SET", "min-replicas-to-write", "1"); // It refuses writes as soon as its replica has left.
        }

        await using var address = new TcpForwarder(first.Port);
        await using var stores = new BackendStores(
            sameAddress ? address.Address : $"{first.ConnectionString},{second.ConnectionString}", await postgres.CreateDatabaseAsync());
        await using var left = await stores.StartBackendAsync("backend-left", OfThree);
        await using var right = await stores.StartBackendAsync("backend-right", OfThree);
        var playing = await left.Client.JoinAndWaitAsync(Players.New("playing", 3), Cancelled);
        var waiting = Players.New("waiting", 3);
        await JoinAsync(left, waiting[0]);
        await JoinAsync(right, waiting[1]);
        await second.CatchUpAsync(first);

        var failover = Stopwatch.StartNew();
        await second.PromoteAsync();
        address.MoveTo(second.Port, cut: false);
        if (demoted)
        {
            await first.FollowAsync(second);
        }

        await Task.WhenAll(
            left.WaitForLineAsync("Redis is not usable; retrying"), right.WaitForLineAsync("Redis is not usable; retrying"));
        await Task.WhenAll(WaitUntilBackInRedisAsync(left), WaitUntilBackInRedisAsync(right));
        Assert.True(failover.Elapsed < Seconds, $"The failover took {failover.Elapsed}.");

        await JoinAsync(right, waiting[2]);
        var seats = await Task.WhenAll(waiting.Select(player => WaitUntilMatchedAsync(left, player)));
        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        Assert.Equal("1", await second.AskAsync("EXISTS", $"{{q:{stores.Queue}}}:match:{seats[0].SessionId}"));
        Assert.Equal(playing[1], await WaitUntilMatchedAsync(right, playing[1].Player));
        await EndAsync(right, playing[0].SessionId);
        await EndAsync(left, seats[0].SessionId);
        await stores.Matches.WaitUntilAsync(
            rows => rows.Count == 2 && rows.All(row => row.EndedAt is not null), "both matches have ended");
    }

    [Fact]
    public async Task A_promoted_replica_that_lost_the_last_writes_is_told_again_who_waits_and_who_plays()
    {
        await using var first = await OwnRedis.StartAsync(redisFixture);
        await using var second = await OwnRedis.StartAsync(redisFixture);
        await second.FollowAsync(first);
        await using var address = new TcpForwarder(first.Port);
        await using var stores = new BackendStores(address.Address, await postgres.CreateDatabaseAsync());
        await using var left = await stores.StartBackendAsync("backend-left", OfThree);
        await using var right = await stores.StartBackendAsync("backend-right", OfThree);
        var early = await left.Client.JoinAndWaitAsync(Players.New("early", 3), Cancelled);
        var waiting = Players.New("waiting", 3);
        await JoinAsync(left, waiting[0]);
        await second.CatchUpAsync(first);

        await second.PromoteAsync(); // It gets no more writes.
        await JoinAsync(right, waiting[1]);
        var late = Players.New("late", 2);
        await JoinAsync(left, late[0]);
        var met = await WaitUntilMatchedAsync(left, waiting[0]);
        await JoinAsync(right, late[1]);
        address.MoveTo(second.Port, cut: true);
        await Task.WhenAll(left.WaitForLineAsync("Redis has lost data"), right.WaitForLineAsync("Redis has lost data"));
        await Task.WhenAll(WaitUntilBackInRedisAsync(left), WaitUntilBackInRedisAsync(right));

        Assert.Equal(early[0], await WaitUntilMatchedAsync(right, early[0].Player));
        Assert.Equal(met, await WaitUntilMatchedAsync(right, waiting[0]));
        Assert.Equal(met.SessionId, (await WaitUntilMatchedAsync(right, waiting[1])).SessionId);
        var more = Players.New("more", 2);
        await JoinAsync(left, more[0]);
        await JoinAsync(left, more[1]);
        var seats = await Task.WhenAll(more.Append(late[1]).Select(player => WaitUntilMatchedAsync(left, player)));
        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        foreach (var match in new[] { early[0], met, seats[0] })
        {
            await EndAsync(right, match.SessionId);
        }

        await stores.Matches.WaitUntilAsync(
            rows => rows.Count == 3 && rows.All(row => row.EndedAt is not null), "all three matches have ended");
    }
}
