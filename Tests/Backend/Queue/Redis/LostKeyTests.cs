using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Queue.Redis;

/// <summary>Any one key of the queue is deleted between any two steps of two backends, which then play on.</summary>
public sealed class LostKeyTests(RedisFixture redis)
{
    private static readonly string[] Players = ["p1", "p2", "p3", "p4", "p5", "p6"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Steps => new MatrixTheoryData<int, bool>(
        Enumerable.Range(1, TwoBackends.StepCount), [false, true]);

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_lost_or_broken_key_costs_its_player_or_its_match_and_nothing_else(int steps, bool isBroken)
    {
        foreach (var key in await KeysAfterAsync(steps))
        {
            await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2), backends: 0);
            var backends = new TwoBackends(queues);
            await backends.PlayAsync(steps);
            var before = await backends.FindAllAsync(Players);

            await (isBroken ? queues.BreakAsync(key) : queues.DeleteAsync(key));
            await backends.CatchUpAsync(Players);

            // A match that lost nothing goes on; its players are still told the same.
            foreach (var (player, state) in before.Where(pair => pair.Value.Phase == PlayerPhase.Matched
                && !Concerns(key, pair.Key, pair.Value)))
            {
                var after = await backends.FindAsync(player);
                Assert.True((state.MatchId, state.Port) == (after.MatchId, after.Port),
                    $"Without {key}, {player} is {after} and was {state}.");
            }

            Assert.True(await backends.EverybodyPlaysAsync(Players),
                $"Without {key} after {steps} steps, somebody was never matched again.");
        }
    }

    [Fact]
    public async Task A_claim_of_a_living_backend_is_not_taken_over_although_the_claims_were_lost()
    {
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2), backends: 2);
        var claim = await MatchQueueTests.FormAsync(queues.Backends[0], "p1", "p2");
        await queues.DeleteAsync(":claims");

        Assert.Equal(PlayerPhase.Pending, (await queues.Backends[1].FindAsync("p1", Token)).Phase);

        Assert.Empty((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        Assert.True(await queues.Backends[0].AssignAsync(claim, MatchQueueTests.Server(claim), Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_claim_that_no_backend_holds_any_more_is_taken_over_even_if_the_claims_were_lost(bool handedOver)
    {
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2), backends: 2);
        var claim = await MatchQueueTests.FormAsync(queues.Backends[0], "p1", "p2");
        if (handedOver)
        {
            await queues.Backends[0].HandOverAsync(claim, Token);
        }
        else
        {
            await queues.DeleteAsync(":backend:backend-0");
        }

        await queues.DeleteAsync(":claims");
        await queues.Returns[1].ReopenAsync(lost: true, brief: false, Token);
        var left = queues.Backends[1];
        Assert.Empty((await left.AdvanceAsync(Token)).Claims);

        Assert.Equal(PlayerPhase.Pending, (await left.FindAsync("p1", Token)).Phase);
        var taken = Assert.Single((await left.AdvanceAsync(Token)).Claims);

        Assert.Equal((claim.MatchId, handedOver ? 1 : 2), (taken.MatchId, taken.Try));
        Assert.True(await left.AssignAsync(taken, MatchQueueTests.Server(taken), Token));
        Assert.Equal(PlayerPhase.Matched, (await left.FindAsync("p2", Token)).Phase);
    }

    private static bool Concerns(string key, string player, PlayerState state) =>
        key == $":player:{player}" || key == $":match:{state.MatchId}" || key.StartsWith(":match:", StringComparison.Ordinal);

    private async Task<IReadOnlyList<string>> KeysAfterAsync(int steps)
    {
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2), backends: 0);
        await new TwoBackends(queues).PlayAsync(steps);
        return await queues.KeysAsync();
    }

    /// <summary>Two backends with what their ledgers would hold, and a fixed sequence of steps.</summary>
    private sealed class TwoBackends(RedisQueues queues)
    {
        public const int StepCount = 12;

        private readonly RedisBackend[] _backends =
            [.. Enumerable.Range(0, 2).Select(i => queues.Backend(new BackendIdentity("backend", $"backend-{i}")))];

        private readonly List<(int Backend, MatchClaim Claim)> _claims = [];
        private readonly Dictionary<Guid, MatchClaim> _live = [];
        private readonly Dictionary<string, long> _joins = [];

        public async Task PlayAsync(int steps)
        {
            foreach (var backend in _backends)
            {
                await backend.StartAsync(Token);
                backend.State.Returned(backend.State.BeginReturn().Faults);
            }

            Func<Task>[] all =
            [
                () => JoinAsync(0, "p1"), () => JoinAsync(1, "p2"), () => JoinAsync(0, "p3"), () => JoinAsync(1, "p4"),
                () => AssignAsync(0), () => JoinAsync(0, "p5"), () => RetryAsync(0), () => LeaveAsync(0, "p5"),
                () => AssignAsync(0), () => JoinAsync(1, "p5"), () => EndAsync(), () => JoinAsync(0, "p1"),
            ];
            Assert.Equal(StepCount, all.Length);
            foreach (var step in all.Take(steps))
            {
                await step();
            }
        }

        public async Task<PlayerState> FindAsync(string player) => await _backends[0].Queue.FindAsync(player, Token);

        public async Task<Dictionary<string, PlayerState>> FindAllAsync(IEnumerable<string> players)
        {
            var states = new Dictionary<string, PlayerState>();
            foreach (var player in players)
            {
                states[player] = await FindAsync(player);
            }

            return states;
        }

        /// <summary>A heartbeat of each backend, and a return of those that find data missing.</summary>
        public async Task CatchUpAsync(string[] players)
        {
            for (var round = 0; round < 2; round++)
            {
                foreach (var (backend, i) in _backends.Select((backend, i) => (backend, i)))
                {
                    try
                    {
                        await backend.Heartbeat.SendAsync([.. _claims.Where(held => held.Backend == i)
                            .Select(held => held.Claim.MatchId)], Token);
                    }
                    catch (DependencyUnavailableException)
                    {
                        // Another epoch: the other backend has found the loss.
                    }

                    if (!backend.State.IsServing)
                    {
                        await ReturnAsync(backend);
                    }
                }
            }

            await queues.DeleteAsync(":pause");
            await queues.DeleteAsync(":returning");
            await _backends[0].Queue.HearAsync(players, Token);
            foreach (var (player, state) in await FindAllAsync(players))
            {
                Assert.True(state.Phase != PlayerPhase.Matched || state is { Host.Length: > 0, Port: > 0 },
                    $"{player} is matched nowhere: {state}");
            }
        }

        /// <summary>Plays on until each player has been matched once more.</summary>
        public async Task<bool> EverybodyPlaysAsync(string[] players)
        {
            var played = new HashSet<string>();
            for (var round = 0; round < 12 && played.Count < players.Length; round++)
            {
                while (_live.Count > 0)
                {
                    await EndAsync();
                }

                foreach (var player in players)
                {
                    await JoinAsync(round % 2, player);
                }

                _claims.AddRange((await _backends[round % 2].Queue.AdvanceAsync(Token)).Claims.Select(claim => (round % 2, claim)));
                while (_claims.Count > 0)
                {
                    await AssignAsync(0);
                }

                var states = await FindAllAsync(players);
                played.UnionWith(states.Where(pair => pair.Value.Phase == PlayerPhase.Matched).Select(pair => pair.Key));
                foreach (var match in states.Values.Where(state => state.Phase == PlayerPhase.Matched).GroupBy(state => state.MatchId))
                {
                    Assert.True(match.Count() <= 2, $"{match.Count()} players are in match {match.Key}.");
                }

                await queues.DeleteAsync(":pause");
            }

            return played.Count == players.Length;
        }

        private async Task ReturnAsync(RedisBackend backend)
        {
            var (faults, lost) = backend.State.BeginReturn();
            await backend.Return.ReopenAsync(lost, brief: false, Token);
            await backend.Heartbeat.SendAsync([], Token);
            foreach (var claim in _live.Values)
            {
                await backend.Queue.AdoptAsync(Record(claim), Server(claim), Token);
            }

            await backend.Return.EnqueueAsync(_joins.Select(join => new LedgerJoin(join.Key, "", join.Value)), Token);
            backend.State.Returned(faults);
        }

        private async Task JoinAsync(int backend, string player)
        {
            var outcome = await _backends[backend].Queue.JoinAsync(player, "", Token);
            if (outcome.State.Phase == PlayerPhase.Pending)
            {
                _joins.TryAdd(player, TimeProvider.System.GetTimestamp());
            }

            if (outcome.Formed is { } claim)
            {
                _claims.Add((backend, claim));
            }
        }

        private async Task LeaveAsync(int backend, string player)
        {
            _joins.Remove(player);
            await _backends[backend].Queue.LeaveAsync(player, Token);
        }

        private async Task RetryAsync(int which)
        {
            var (backend, claim) = _claims[which];
            if (await _backends[backend].Queue.RetryAsync(claim, Token) is { } next)
            {
                _claims[which] = (backend, claim with { Try = next });
            }
        }

        private async Task AssignAsync(int which)
        {
            var (backend, claim) = _claims[which];
            _claims.RemoveAt(which);
            if (await _backends[backend].Queue.AssignAsync(claim, Server(claim), Token))
            {
                _live[claim.MatchId] = claim;
                foreach (var player in claim.Players)
                {
                    _joins.Remove(player);
                }
            }
        }

        private async Task EndAsync()
        {
            var match = _live.Keys.First();
            _live.Remove(match);
            await _backends[1].Queue.EndAsync(match, onlyOn: null, EndedBy.Anyone, Token);
        }

        private static RunningGameServer Server(MatchClaim claim) => MatchQueueTests.Server(claim);

        private static MatchRecord Record(MatchClaim claim) => new()
        {
            SessionId = claim.MatchId,
            Players = claim.Players,
            BackendPod = "backend",
            GameServerPod = "server",
            CreatedAt = claim.CreatedAt,
        };
    }
}
