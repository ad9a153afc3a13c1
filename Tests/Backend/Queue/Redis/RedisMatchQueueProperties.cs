using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Queue.Redis;

/// <summary>No player is lost, none is in two matches, and order is kept, whatever several backends do in whatever order.</summary>
public sealed class RedisMatchQueueProperties(RedisFixture redis)
{
    private const int Backends = 3;
    private const int Players = 9;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_sequence_of_steps_leaves_the_queue_as_the_model_has_it()
    {
        await redis.GetAsync();
        Prop.ForAll<(byte Step, byte Which, byte Backend)[]>(steps => RunAsync(steps).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(120));
    }

    [Fact]
    public async Task Backends_that_work_at_once_lose_nobody_and_match_nobody_twice()
    {
        // Leases of no length: every claim is up for whoever advances next, while its owner still works on it.
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 3, flush: 0, lease: 0), Backends);
        var matchOf = new ConcurrentDictionary<string, Guid>();
        var ended = new ConcurrentBag<string>();
        string[] players = [.. Enumerable.Range(0, 300).Select(i => $"p{i}")];

        await Task.WhenAll(queues.Backends.Select(async (queue, b) =>
        {
            var random = new Random(b);
            foreach (var player in players.Where((_, i) => i % Backends == b))
            {
                var joined = await queue.JoinAsync(player, "", Token);
                var advance = await queue.AdvanceAsync(Token);
                MatchClaim[] claims = joined.Formed is null ? [.. advance.Claims] : [joined.Formed, .. advance.Claims];
                foreach (var claim in claims.Where(_ => random.Next(3) > 0))
                {
                    if (!await queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token))
                    {
                        continue;
                    }

                    foreach (var matched in claim.Players)
                    {
                        Assert.Equal(claim.MatchId, matchOf.GetOrAdd(matched, claim.MatchId));
                    }

                    if (random.Next(2) == 0 && await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token) == EndOutcome.Ended)
                    {
                        claim.Players.ToList().ForEach(ended.Add);
                    }
                }
            }
        }));

        var claimed = (await queues.MatchesAsync("claims")).Values.SelectMany(p => p);
        var live = (await queues.MatchesAsync("live")).Values.SelectMany(p => p);
        string[] everybody = [.. await queues.WaitingAsync(), .. claimed, .. live, .. ended];
        Assert.Equal(players.Order(), everybody.Order());
    }

    private async Task RunAsync((byte Step, byte Which, byte Backend)[] steps)
    {
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 3, flush: 0, lease: 0), Backends);
        var model = new QueueModel();
        var held = new Dictionary<Guid, (RedisMatchQueue Owner, MatchClaim Claim)>();
        foreach (var (step, which, backend) in steps)
        {
            await StepAsync(queues.Backends[backend % Backends], model, held, step % 8, which);
            Assert.Equal(model.Waiting, await queues.WaitingAsync());
            AssertSame(model.Claimed, await queues.MatchesAsync("claims"));
            AssertSame(model.Live, await queues.MatchesAsync("live"));
        }
    }

    private static async Task StepAsync(
        RedisMatchQueue queue, QueueModel model, Dictionary<Guid, (RedisMatchQueue Owner, MatchClaim Claim)> held, int step, byte which)
    {
        var player = $"p{which % Players}";
        switch (step)
        {
            case 0 or 1 or 2:
                var joined = await queue.JoinAsync(player, "", Token);
                if (joined.RetryAfter is not null)
                {
                    Assert.True(model.Failures >= 3, $"{player} was refused after {model.Failures} failures.");
                    Assert.False(model.IsWaiting(player) || model.IsClaimed(player) || model.IsLive(player),
                        $"{player} was refused, and had a place.");
                    break;
                }

                model.Join(player);
                Assert.Equal(model.IsLive(player) ? PlayerPhase.Matched : PlayerPhase.Pending, joined.State.Phase);
                if (joined.Formed is { } formed)
                {
                    Take(formed);
                }

                break;
            case 3:
                Assert.Equal(model.Leave(player), (await queue.LeaveAsync(player, Token)).Left);
                break;
            case 4:
                var advance = await queue.AdvanceAsync(Token);

                // What was dropped once too often is back in the queue before anything new is formed.
                foreach (var match in model.Claimed.Keys.Where(id => advance.Claims.All(claim => claim.MatchId != id)).ToList())
                {
                    Assert.Equal(3, held[match].Claim.Try);
                    model.GiveBack(match);
                }

                foreach (var claim in advance.Claims)
                {
                    Take(claim);
                }

                break;
            case 5 when Pick(held.Keys, which) is { } match:
                var (owner, own) = held[match];
                if (model.Claimed.ContainsKey(match) && await owner.RetryAsync(own, Token) is { } next)
                {
                    held[match] = (owner, own with { Try = next });
                }
                else if (model.Claimed.ContainsKey(match))
                {
                    model.Fail(match);
                }

                break;
            case 6 when Pick(held.Keys, which) is { } match:
                var assigned = await held[match].Owner.AssignAsync(held[match].Claim, MatchQueueTests.Server(held[match].Claim), Token);
                Assert.Equal(model.Claimed.ContainsKey(match) || model.Live.ContainsKey(match), assigned);
                if (model.Claimed.ContainsKey(match))
                {
                    model.Assign(match);
                }

                break;
            case 7 when Pick(model.Live.Keys, which) is { } match:
                Assert.Equal(EndOutcome.Ended, await queue.EndAsync(match, onlyOn: null, EndedBy.Anyone, Token));
                model.End(match);
                break;
        }

        void Take(MatchClaim claim)
        {
            model.Claim(claim);
            held[claim.MatchId] = (queue, claim);
        }
    }

    private static Guid? Pick(IEnumerable<Guid> matches, byte which) =>
        matches.Order().ToList() is { Count: > 0 } list ? list[which % list.Count] : null;

    private static void AssertSame(Dictionary<Guid, List<string>> expected, IReadOnlyDictionary<string, IReadOnlyList<string>> actual)
    {
        Assert.Equal(expected.Keys.Select(id => id.ToString()).Order(), actual.Keys.Order());
        Assert.All(expected, match => Assert.Equal(match.Value, actual[match.Key.ToString()]));
    }
}
