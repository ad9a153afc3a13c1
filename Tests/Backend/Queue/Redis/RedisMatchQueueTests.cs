using System.Text.Json;
using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Backend.Tickets;
using GameStack.Tests.Backend.Records;
using GameStack.Tests.Support;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisMatchQueueTests(RedisFixture redis) : MatchQueueTests, IAsyncDisposable
{
    private readonly List<RedisQueues> _started = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var queues in _started)
        {
            await queues.DisposeAsync();
        }
    }

    [Fact]
    public async Task Calls_that_go_to_Redis_together_succeed_and_fail_alone()
    {
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 100));
        var match = Guid.NewGuid();
        await queues.SetAsync(":player:broken", "state", "matched");
        await queues.SetAsync(":player:broken", "match", $"{match}");
        await queues.SetAsync($":match:{match}", "state", "live");
        await queues.SetAsync($":match:{match}", "players", "broken");
        string[] players = [.. Enumerable.Range(0, 70).Select(i => $"p{i:00}")];

        var joins = players.Append("broken").Select(player => queues.Queue.JoinAsync(player, "", Token)).ToArray();
        await Assert.ThrowsAsync<JsonException>(() => joins[^1]);
        Assert.All(await Task.WhenAll(joins[..^1]), join => Assert.Equal(PlayerPhase.Pending, join.State.Phase));
        Assert.Equal(players, await queues.WaitingAsync());

        var finds = players.Append("broken").Append("nobody").Select(player => queues.Queue.FindAsync(player, Token)).ToArray();
        await Assert.ThrowsAsync<JsonException>(() => finds[^2]);
        Assert.Equal(PlayerPhase.Unknown, (await finds[^1]).Phase);
        Assert.All(await Task.WhenAll(finds[..^2]), state => Assert.Equal(PlayerPhase.Pending, state.Phase));
    }

    [Fact]
    public async Task Joins_that_go_to_Redis_together_form_one_match_after_the_other()
    {
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 3));
        string[] players = [.. Enumerable.Range(0, 31).Select(i => $"p{i:00}")];

        var joins = await Task.WhenAll(players.Select(player => queues.Queue.JoinAsync(player, "", Token)));

        var claims = joins.Select(join => join.Formed).OfType<MatchClaim>().ToArray();
        Assert.Equal(10, claims.Length);
        Assert.Equal(players[..30], claims.SelectMany(claim => claim.Players).Order());
        Assert.Equal(players[30..], await queues.WaitingAsync());
    }

    [Fact]
    public async Task Another_backend_carries_on_with_the_same_match_when_the_lease_has_run_out()
    {
        var queues = await StartAsync(size: 2, lease: 0, backends: 2);
        var claim = await FormAsync(queues.Backends[0], "p1", "p2");

        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);

        Assert.Equal((claim.MatchId, 2), (taken.MatchId, taken.Try));
        Assert.Equal(claim.Players, taken.Players);
        Assert.False(await queues.Backends[0].AssignAsync(claim, Server(claim), Token));
        Assert.Null(await queues.Backends[0].RetryAsync(claim, Token));
        Assert.True(await queues.Backends[1].AssignAsync(taken, Server(taken), Token));
    }

    [Fact]
    public async Task The_server_of_a_lost_claim_does_not_take_the_match_along_when_it_ends()
    {
        var queues = await StartAsync(size: 2, lease: 0, backends: 2);
        await FormAsync(queues.Backends[0], "p1", "p2");
        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        var server = Server(taken);
        await queues.Backends[1].AssignAsync(taken, server, Token);

        Assert.Equal(EndOutcome.OnOtherServer, await queues.Backends[0].EndAsync(taken.MatchId, server with { Port = server.Port + 1 },
            EndedBy.Server, Token));
        Assert.Equal(PlayerPhase.Matched, (await queues.Queue.FindAsync("p1", Token)).Phase);
        Assert.Equal(EndOutcome.Ended, await queues.Backends[1].EndAsync(taken.MatchId, server, EndedBy.Server, Token));
    }

    [Fact]
    public async Task A_claim_that_was_dropped_too_often_goes_back_to_the_head_of_the_queue()
    {
        var queues = await StartAsync(size: 2, lease: 0, backends: 2);
        var first = await FormAsync(queues.Queue, "p1", "p2");
        await queues.Queue.JoinAsync("p3", "", Token);
        var second = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        var third = Assert.Single((await queues.Backends[0].AdvanceAsync(Token)).Claims);

        var fresh = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);

        Assert.Equal([first.MatchId, first.MatchId], [second.MatchId, third.MatchId]);
        Assert.NotEqual(first.MatchId, fresh.MatchId);
        Assert.Equal(["p1", "p2"], fresh.Players);
    }

    [Fact]
    public async Task A_lease_that_is_kept_is_not_taken_over()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var claim = await FormAsync(queues.Queue, "p1", "p2");

        Assert.Empty((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        Assert.Empty(await queues.Queue.RenewAsync([claim.MatchId], Token));
        Assert.Equal([claim.MatchId], await queues.Backends[1].RenewAsync([claim.MatchId], Token));
    }

    [Fact]
    public async Task A_claim_that_is_handed_over_is_taken_at_once_and_costs_no_try()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var claim = await FormAsync(queues.Queue, "p1", "p2");

        await queues.Queue.HandOverAsync(claim, Token);

        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        Assert.Equal((claim.MatchId, 1), (taken.MatchId, taken.Try));
    }

    [Fact]
    public async Task One_advance_forms_every_match_that_waits()
    {
        var queues = await StartAsync(size: 2, lease: 600);

        // While forming is paused the queue grows past one match.
        await queues.PauseAsync();
        for (var i = 1; i <= 7; i++)
        {
            Assert.Null((await queues.Queue.JoinAsync($"p{i}", "", Token)).Formed);
        }

        await queues.DeleteAsync(":pause");
        var formed = (await queues.Queue.AdvanceAsync(Token)).Claims;

        Assert.Equal(["p1", "p2", "p3", "p4", "p5", "p6"], formed.SelectMany(claim => claim.Players));
        Assert.Equal(["p7"], await queues.WaitingAsync());
    }

    [Fact]
    public async Task The_pause_after_matches_without_a_server_grows_to_fifteen_seconds()
    {
        var queues = await StartAsync(size: 2, lease: 600);
        var claim = await FormAsync(queues.Queue, "p1", "p2");
        for (var failures = 1; failures < 6; failures++)
        {
            await GiveBackAsync(queues.Queue, claim);
            claim = await AdvanceAfterPauseAsync(queues.Queue);
        }

        while (await queues.Queue.RetryAsync(claim, Token) is not null)
        {
        }

        Assert.InRange((await queues.LifeOfAsync(":pause"))!.Value, TimeSpan.FromSeconds(8.5), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Only_one_backend_at_a_time_is_given_the_outbox()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var claim = await FormAsync(queues.Queue, "p1", "p2");
        await queues.Queue.AssignAsync(claim, Server(claim), Token);

        var entry = Assert.Single(await queues.Outboxes[1].ReadAsync(10, Token));
        Assert.Empty(await queues.Outboxes[0].ReadAsync(10, Token));

        await queues.Outboxes[1].TrimAsync([entry.Id], Token);
        Assert.Empty(await queues.Outboxes[1].ReadAsync(10, Token));
        await queues.Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token);
        Assert.Single(await queues.Outboxes[0].ReadAsync(10, Token));
    }

    [Fact]
    public async Task A_backend_without_Postgres_is_given_no_records_while_another_one_may_keep_them()
    {
        var queues = await StartAsync(size: 1, lease: 600, backends: 1);
        var discarding = queues.Backend(new BackendIdentity("backend", "discarding"), records: new NullMatchRecords());
        await discarding.StartAsync(Token);
        var claim = await FormAsync(queues.Queue, "p1");
        await queues.Queue.AssignAsync(claim, Server(claim), Token);

        Assert.Empty(await discarding.Outbox.ReadAsync(10, Token));
        await queues.Queue.CloseAsync(Token);
        await queues.SetFirstHeardAsync("older", 0);
        await queues.KeepAsync(":backend:older", TimeSpan.FromHours(1)); // Does not say what it does with records.
        Assert.Empty(await discarding.Outbox.ReadAsync(10, Token));
        await queues.DeleteAsync(":backend:older");
        await queues.SetAsync(":state", "beat", "0"); // Nobody has been heard of lately.
        Assert.Empty(await discarding.Outbox.ReadAsync(10, Token));
        await discarding.Heartbeat.SendAsync([], Token);

        Assert.Single(await discarding.Outbox.ReadAsync(10, Token));
        await discarding.Return.ReopenAsync(lost: false, brief: false, Token); // Backends may still be coming back.
        Assert.Empty(await discarding.Outbox.ReadAsync(10, Token));
    }

    [Fact]
    public async Task An_entry_of_an_older_backend_says_nothing_of_what_ended_the_match()
    {
        var queues = await StartAsync(size: 2, lease: 600);
        var match = Guid.NewGuid();
        await queues.AddToOutboxAsync(
            ("match", $"{match}"), ("players", """["p1"]"""), ("backend", "b"), ("server", "s"), ("created", "1764000000000000"),
            ("ended", "1764000001000000"));

        var record = Assert.Single(await queues.Outboxes[0].ReadAsync(10, Token)).Record!;

        Assert.Equal((match, null), (record.SessionId, record.EndedBy));
        Assert.NotNull(record.EndedAt);
    }

    [Fact]
    public async Task A_match_is_found_with_whether_its_backend_lives()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var claim = await FormAsync(queues.Queue, "p1", "p2");
        await queues.Queue.AssignAsync(claim, Server(claim), Token);

        Assert.True(Assert.Single((await queues.Queue.FindMatchesAsync([claim.MatchId], Token)).Live).OwnerAlive);
        await queues.Queue.CloseAsync(Token);
        Assert.False(Assert.Single((await queues.Queue.FindMatchesAsync([claim.MatchId], Token)).Live).OwnerAlive);
        await queues.Queue.RenewAsync([], Token);
        Assert.True(Assert.Single((await queues.Queue.FindMatchesAsync([claim.MatchId], Token)).Live).OwnerAlive);
    }

    [Fact]
    public async Task An_era_ends_when_a_backend_comes_or_goes_and_when_data_may_have_been_lost()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var first = await EraAsync();
        Assert.Equal(first, await EraAsync());

        await queues.Backends[1].CloseAsync(Token);
        var second = await EraAsync();
        await queues.Backends[1].RenewAsync([], Token);
        Assert.Equal(first, await EraAsync());
        await queues.Returns[0].ReopenAsync(lost: true, brief: false, Token);

        Assert.Equal(3, new[] { first, second, await EraAsync() }.Distinct(StringComparer.Ordinal).Count());

        async Task<string> EraAsync() => (await queues.Queue.FindMatchesAsync([], Token)).Era;
    }

    [Fact]
    public async Task What_was_handed_over_can_neither_be_renewed_nor_assigned_by_who_had_it_and_is_taken_over_at_once()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var claim = await FormAsync(queues.Backends[0], "p1", "p2");

        await queues.Backends[0].HandOverAsync(claim, Token);

        Assert.Equal([claim.MatchId], await queues.Backends[0].RenewAsync([claim.MatchId], Token));
        Assert.False(await queues.Backends[0].AssignAsync(claim, Server(claim), Token));
        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        Assert.Equal((claim.MatchId, 1), (taken.MatchId, taken.Try));
    }

    [Fact]
    public async Task Who_and_what_is_not_known_here_may_be_in_a_backends_memory_while_they_come_back_to_Redis()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        Assert.Equal(PlayerPhase.Unknown, (await queues.Backends[1].FindAsync("p1", Token)).Phase);
        Assert.Equal(EndOutcome.Unknown, await queues.Backends[1].EndAsync(Guid.NewGuid(), onlyOn: null, EndedBy.Anyone, Token));

        await queues.Returns[0].ReopenAsync(lost: false, brief: false, Token);

        Assert.Equal(PlayerPhase.Pending, (await queues.Backends[1].FindAsync("p1", Token)).Phase);
        Assert.Equal(EndOutcome.NotKnownYet, await queues.Backends[1].EndAsync(Guid.NewGuid(), onlyOn: null, EndedBy.Anyone, Token));
    }

    [Fact]
    public async Task A_player_who_is_not_heard_of_is_out_of_the_queue_and_one_who_is_stays()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        await queues.Queue.JoinAsync("silent", "", Token);
        await queues.Queue.JoinAsync("heard", "", Token);
        await queues.HearLongAgoAsync("silent", "heard");
        await queues.Queue.HearAsync(["heard"], Token);
        await queues.Queue.AdvanceAsync(Token);
        Assert.Equal(["silent", "heard"], await queues.WaitingAsync()); // The silence counts from the return that has just been.

        await Eventually.IsAsync(
            "the silent player is out",
            async _ =>
            {
                await queues.Queue.RenewAsync([], Token); // Without heartbeats nobody counts as silent.
                await queues.SetAsync(":state", "floor", "0");
                await queues.Queue.AdvanceAsync(Token);
                return (await queues.Queue.FindAsync("silent", Token)).Phase == PlayerPhase.Unknown;
            },
            Waits.Patient);

        Assert.Equal(["heard"], await queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Pending, (await queues.Queue.JoinAsync("silent", "", Token)).State.Phase);
        Assert.Equal(["heard", "silent"], await queues.WaitingAsync());
    }

    [Fact]
    public async Task A_call_that_Redis_finds_when_nobody_waits_for_it_any_more_does_nothing()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        var sent = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(4);
        var late = await Assert.ThrowsAsync<RedisServerException>(() => queues.RunAsync(RedisScripts.Join, sent, 600, 3, "late", "", "m1"));

        Assert.InRange(
            RedisFields.ReadTime($"{RedisCall.FindTime(late.Message)}"), sent, DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1));
        Assert.Empty(await queues.WaitingAsync());
        await queues.RunAsync(RedisScripts.Join, sent + TimeSpan.FromMinutes(2), 600, 3, "in time", "", "m2");
        Assert.Equal(["in time"], await queues.WaitingAsync());
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task A_call_is_carried_out_also_right_after_the_clock_of_Redis_was_changed(int seconds)
    {
        var queues = await StartAsync(size: 3, lease: 600);
        var backend = queues.Backend(new BackendIdentity("backend", "backend"));
        await backend.StartAsync(Token);
        backend.Clock.Set(TimeProvider.System.GetTimestamp(), DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeMilliseconds() * 1000);
        await backend.Queue.JoinAsync("p1", "", Token);

        Assert.Equal(["p1"], await queues.WaitingAsync());
        await backend.Queue.LeaveAsync("p1", Token);
        Assert.Empty(await queues.WaitingAsync());
    }

    [Fact]
    public async Task When_Redis_carries_out_every_call_too_late_it_is_unavailable()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        var backend = queues.Backend(new BackendIdentity("backend", "backend"), new BackwardTime());
        await backend.Return.ReopenAsync(lost: false, brief: true, Token);
        backend.Clock.Set(0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => backend.Queue.JoinAsync("p1", "", Token));

        Assert.StartsWith("Redis is unavailable: LATE", backend.State.Reason, StringComparison.Ordinal);
        Assert.Empty(await queues.WaitingAsync());
    }

    [Fact]
    public async Task Only_so_much_is_kept_of_leaves_of_unknown_players()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        await queues.Queue.LeaveAsync("p1", Token);
        await queues.CountLeavesAsync(100_000);
        await queues.Queue.LeaveAsync("p2", Token);
        await queues.Queue.JoinAsync("p3", "", Token);
        await queues.Queue.LeaveAsync("p3", Token);

        var keys = await queues.KeysAsync();
        Assert.Equal(
            [":player:p1", ":player:p3"],
            keys.Where(key => key.StartsWith(":player:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_kept_of_a_player_who_has_left_expires_and_what_is_kept_of_one_who_waits_does_not()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        await queues.Queue.JoinAsync("p1", "", Token);
        await queues.Queue.LeaveAsync("p1", Token);

        Assert.InRange((await queues.LifeOfAsync(":player:p1"))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Assert.Equal(PlayerPhase.Unknown, (await queues.Queue.FindAsync("p1", Token)).Phase);

        await queues.Queue.JoinAsync("p1", "", Token);
        Assert.Null(await queues.LifeOfAsync(":player:p1"));
    }

    [Fact]
    public async Task A_lost_player_at_the_head_of_the_queue_holds_up_no_partial_match()
    {
        var queues = await StartAsync(size: 5, lease: 600);
        foreach (var player in (string[])["lost", "p1", "p2"])
        {
            await queues.Queue.JoinAsync(player, "", Token);
        }

        await queues.DeleteAsync(":player:lost");
        await queues.SetAsync(":player:p1", "since", "0"); // Long ago.

        Assert.Equal(["p1", "p2"], Assert.Single((await queues.Queue.AdvanceAsync(Token)).Claims).Players);
    }

    [Fact]
    public async Task The_rules_are_those_of_the_backend_that_has_lived_longest()
    {
        var queue = Guid.NewGuid().ToString("N");
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 3, queue: queue));
        _started.Add(queues);
        var others = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2, queue: queue), backends: 0);
        _started.Add(others);
        var later = others.Backend(new BackendIdentity("backend", "later"));
        await later.StartAsync(Token);

        await later.Queue.JoinAsync("p1", "", Token);
        Assert.Null((await later.Queue.JoinAsync("p2", "", Token)).Formed);
        Assert.Equal(3, later.Rules.Value.SessionSize);

        await queues.Queue.CloseAsync(Token);
        await later.Heartbeat.SendAsync([], Token);

        Assert.Equal(2, later.Rules.Value.SessionSize);
        Assert.Equal(["p1", "p2"], Assert.Single((await later.Queue.AdvanceAsync(Token)).Claims).Players);
    }

    [Fact]
    public async Task Pages_are_in_the_order_of_assignment_and_pass_over_lost_matches()
    {
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 1, min: 1));
        _started.Add(queues);
        List<Guid> live = [];
        for (var i = 0; i < 6; i++)
        {
            var claim = await FormAsync(queues.Queue, $"p{i}");
            await queues.Queue.AssignAsync(claim, Server(claim), Token);
            live.Add(claim.MatchId);
        }

        await queues.LoseMatchAsync(live[1]);

        var first = await queues.Queue.ListPageAsync(after: null, 2, Token);
        var second = await queues.Queue.ListPageAsync(first!.Next, 10, Token);

        Assert.Equal([live[0], live[2]], first.Live.Select(match => match.MatchId));
        Assert.Equal(live[3..], second!.Live.Select(match => match.MatchId));
        Assert.Equal(5, await queues.Queue.CountLiveAsync(Token));
    }

    [Fact]
    public async Task A_page_begins_after_a_match_that_has_come_back_even_once_it_has_ended()
    {
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 1, min: 1));
        _started.Add(queues);
        List<MatchClaim> live = [];
        for (var i = 0; i < 3; i++)
        {
            live.Add(await FormAsync(queues.Queue, $"p{i}"));
            await queues.Queue.AssignAsync(live[i], Server(live[i]), Token);
        }

        var first = live[0].MatchId;
        await queues.LosePlaceAsync(first);
        await queues.Queue.AdoptAsync(TestRecords.New("p0") with { SessionId = first }, Server(live[0]), Token);
        Assert.Equal(first, (await queues.Queue.ListPageAsync(after: null, 10, Token))!.Live[^1].MatchId);

        await queues.Queue.EndAsync(first, onlyOn: null, EndedBy.Anyone, Token);

        Assert.Empty((await queues.Queue.ListPageAsync(first, 10, Token))!.Live);
    }

    [Fact]
    public async Task Those_who_stay_in_a_match_that_has_come_back_keep_their_seats()
    {
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 1, min: 1));
        _started.Add(queues);
        var other = await FormAsync(queues.Queue, "p2");
        await queues.Queue.AssignAsync(other, Server(other), Token);
        var record = TestRecords.New("p1", "p2", "p3");
        var server = new RunningGameServer(record.SessionId, "server", "127.0.0.1", 4711)
        {
            Admission = MatchAdmission.At("server", "127.0.0.1", 4711) with { KeyIds = "k1", Seats = "0,2,3" },
        };

        Assert.True(await queues.Queue.AdoptAsync(record, server, Token));

        var state = await queues.Queue.FindAsync("p3", Token);
        Assert.Equal(["p1", "p3"], state.Players);
        Assert.Equal(server.Admission with { Seats = "0,3" }, state.Admission);
    }

    [Fact]
    public async Task A_page_begins_after_a_match_that_was_played_without_Redis_and_has_ended()
    {
        var queues = await StartAsync(size: 1, lease: 600);
        var buried = TestRecords.New("p1");
        await queues.Returns[0].BuryAsync(buried, Token);
        var claim = await FormAsync(queues.Queue, "p2");
        await queues.Queue.AssignAsync(claim, Server(claim), Token);

        Assert.Equal(claim.MatchId, Assert.Single((await queues.Queue.ListPageAsync(buried.SessionId, 10, Token))!.Live).MatchId);
    }

    [Fact]
    public async Task Players_whose_match_ended_without_Redis_do_not_wait_in_Redis_from_before_it()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        await queues.Queue.JoinAsync("p1", "", Token);
        var earlier = TestRecords.New("p1") with { CreatedAt = DateTimeOffset.UtcNow.AddMinutes(-1) };
        Assert.True(await queues.Returns[0].BuryAsync(earlier, Token));
        Assert.Equal(PlayerPhase.Pending, (await queues.Queue.FindAsync("p1", Token)).Phase);

        await queues.SetAsync(":player:p1", "since", "1");
        var later = TestRecords.New("p1", "p2") with { CreatedAt = DateTimeOffset.UtcNow.AddMinutes(-1) };
        Assert.True(await queues.Returns[0].BuryAsync(later, Token));

        Assert.Equal((PlayerPhase.Ended, later.SessionId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Empty(await queues.WaitingAsync());
    }

    [Fact]
    public async Task A_match_that_has_ended_takes_its_players_out_of_the_claim_that_Redis_has_of_it_and_others_wait_again()
    {
        var queues = await StartAsync(size: 2, lease: 600);
        var claim = await FormAsync(queues.Queue, "p1", "p2");
        var ended = TestRecords.New("p1") with { SessionId = claim.MatchId, CreatedAt = claim.CreatedAt };

        Assert.True(await queues.Returns[0].BuryAsync(ended, Token));

        Assert.Equal((PlayerPhase.Ended, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Equal(["p2"], await queues.WaitingAsync());
        Assert.False(await queues.Queue.AssignAsync(claim, Server(claim), Token));
        Assert.Empty(await queues.MatchesAsync("claims"));
    }

    [Fact]
    public async Task When_writes_are_lost_claims_are_not_taken_over_before_their_backends_have_returned()
    {
        var queues = await StartAsync(size: 2, lease: 600, backends: 2);
        var claim = await FormAsync(queues.Backends[0], "p1", "p2");
        await queues.ExpireLeaseAsync(claim.MatchId);

        await queues.Returns[1].ReopenAsync(lost: true, brief: false, Token);

        Assert.Empty((await queues.Backends[1].AdvanceAsync(Token)).Claims);
    }

    [Fact]
    public async Task A_page_after_a_match_that_nobody_knows_any_more_does_not_exist()
    {
        var queues = await StartAsync(size: 2, lease: 600);

        Assert.Null(await queues.Queue.ListPageAsync(Guid.NewGuid(), 10, Token));
        var claim = await FormAsync(queues.Queue, "p1", "p2");
        Assert.Null(await queues.Queue.ListPageAsync(claim.MatchId, 10, Token));
    }

    [Fact]
    public async Task While_backends_return_the_pages_are_incomplete()
    {
        var queues = await StartAsync(size: 2, lease: 600);
        Assert.True((await queues.Queue.ListPageAsync(after: null, 10, Token))!.IsComplete);

        await queues.Returns[0].ReopenAsync(lost: false, brief: false, Token);

        Assert.False((await queues.Queue.ListPageAsync(after: null, 10, Token))!.IsComplete);
    }

    [Fact]
    public async Task A_full_outbox_drops_its_oldest_records_and_one_backend_counts_them()
    {
        using var losses = new TestLosses();
        var queues = await StartAsync(size: 1, lease: 600);
        var backend = queues.Backend(new("backend", "backend-0"), losses: losses.Losses);
        await queues.FillOutboxAsync();
        await backend.Outbox.ReadAsync(1, Token);
        Assert.Equal(0, losses.Dropped);

        for (var i = 0; i < 3; i++)
        {
            var claim = await FormAsync(queues.Queue, $"p{i}");
            await queues.Queue.AssignAsync(claim, Server(claim), Token);
        }

        Assert.NotEmpty(await backend.Outbox.ReadAsync(1, Token));
        Assert.Equal(3, losses.Dropped);
        await backend.Outbox.ReadAsync(1, Token);
        Assert.Equal(3, losses.Dropped);
    }

    [Fact]
    public async Task A_new_backend_clears_up_after_those_that_are_long_gone()
    {
        var queues = await StartAsync(size: 2, lease: 600);
        var longAgo = (DateTimeOffset.UtcNow.AddDays(-2) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        string[] gone = ["gone-0", "gone-1", "gone-2"];
        foreach (var backend in gone)
        {
            await BeginAsync(queues, backend);
        }

        foreach (var backend in gone)
        {
            await queues.DeleteAsync($":backend:{backend}"); // Its rules last as long as its heartbeat.
            await queues.SetAsync(":state", $"seen:{backend}", $"{longAgo}");
        }

        Assert.Equal(["backend-0", .. gone], await queues.BackendsAsync());
        await BeginAsync(queues, "later");

        Assert.Equal(["backend-0", "later"], await queues.BackendsAsync());
        Assert.DoesNotContain(await queues.FieldsAsync(":state"), field => field.Contains("gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_the_clock_was_set_back_players_wait_no_longer_than_the_rules_say_and_keep_their_order()
    {
        var queues = await StartAsync(size: 3, lease: 600);
        var future = InAnHour();
        await queues.SetAsync(":state", "place", $"{future}");
        await queues.Queue.JoinAsync("first", "", Token);
        await queues.SetAsync(":player:first", "since", $"{future}");
        await queues.Queue.JoinAsync("second", "", Token);

        Assert.Equal(["first", "second"], await queues.WaitingAsync());
        // The flush: 3,600 s.
        Assert.InRange((await queues.Queue.AdvanceAsync(Token)).NextDue!.Value, TimeSpan.FromHours(0.9), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task After_the_clock_was_set_back_a_pause_a_return_and_a_dead_backend_last_no_longer_than_they_should()
    {
        var queues = await StartAsync(size: 2, lease: 60);
        await BeginAsync(queues, "gone");
        foreach (var key in new[] { ":pause", ":returning", ":outbox:turn", ":backend:gone" })
        {
            await queues.KeepAsync(key, TimeSpan.FromHours(1));
        }

        await queues.SetAsync(":state", "beat", $"{InAnHour()}");
        await queues.Queue.RenewAsync([], Token);

        Assert.InRange((await queues.LifeOfAsync(":pause"))!.Value, TimeSpan.Zero, QueueLimits.LongestPause);
        Assert.InRange((await queues.LifeOfAsync(":returning"))!.Value, TimeSpan.Zero, QueueLimits.LongestPause);
        Assert.InRange((await queues.LifeOfAsync(":outbox:turn"))!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.InRange((await queues.LifeOfAsync(":backend:gone"))!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(150));
    }

    [Fact]
    public async Task After_the_clock_was_set_back_a_new_backend_is_still_the_youngest()
    {
        var queues = await StartAsync(size: 2, lease: 600);
        await queues.SetFirstHeardAsync("backend-0", InAnHour());

        await BeginAsync(queues, "later");

        Assert.Equal(["backend-0", "later"], await queues.BackendsAsync());
    }

    internal override async Task<IMatchQueue> CreateAsync(int size, int min = 2, double flush = 3_600)
    {
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size, min, flush));
        _started.Add(queues);
        Outbox = queues.Outboxes[0];
        return queues.Queue;
    }

    internal override Task HoldPauseAsync() => _started[^1].KeepAsync(":pause", TimeSpan.FromMinutes(10));

    internal override async Task<MatchClaim> AdvanceAfterPauseAsync(IMatchQueue queue)
    {
        await _started[^1].DeleteAsync(":pause");
        return Assert.Single((await queue.AdvanceAsync(Token)).Claims);
    }

    /// <summary>Microseconds since 1970: a time from before the clock was set back.</summary>
    private static long InAnHour() => (DateTimeOffset.UtcNow.AddHours(1) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Each time it is asked, it is ten seconds earlier, so that each call seems to have been sent long ago.</summary>
    private sealed class BackwardTime : TimeProvider
    {
        private long _timestamp;

        public override long GetTimestamp() => Interlocked.Add(ref _timestamp, -10 * TimestampFrequency);
    }

    private static Task BeginAsync(RedisQueues queues, string owner) =>
        queues.Backend(new BackendIdentity("backend", owner)).StartAsync(Token);

    private static async Task<(PlayerPhase Phase, Guid MatchId)> PlaceAsync(RedisMatchQueue queue, string player)
    {
        var state = await queue.FindAsync(player, Token);
        return (state.Phase, state.MatchId);
    }

    private async Task<RedisQueues> StartAsync(int size, double lease, int backends = 1)
    {
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size, lease: lease), backends);
        _started.Add(queues);
        return queues;
    }
}
