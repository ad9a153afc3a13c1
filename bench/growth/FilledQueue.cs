using System.Globalization;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;

namespace GameStack.Bench.Growth;

/// <summary>
/// A queue with a number of waiting players and live matches, which each cycle leaves as it found them. Matches have two players. While the
/// queue is paused, no match forms, so that any number of players can wait.
/// </summary>
internal sealed class FilledQueue : IAsyncDisposable
{
    private const int JoinsAtOnce = 1_000;

    private readonly Func<Task> _pause;
    private readonly Func<Task> _resume;
    private readonly IAsyncDisposable? _owned;
    private readonly Queue<string> _line = new();
    private readonly List<RunningGameServer> _servers = [];
    private string _newcomer = "newcomer";
    private Guid _middle;

    private FilledQueue(IMatchQueue queue, Func<Task> pause, Func<Task> resume, IAsyncDisposable? owned)
    {
        (Queue, _pause, _resume, _owned) = (queue, pause, resume, owned);
    }

    public IMatchQueue Queue { get; }

    /// <summary>The servers of the live matches.</summary>
    public IReadOnlyList<RunningGameServer> Servers => _servers;

    public static async Task<FilledQueue> InRedisAsync(RedisFixture redis, int waiting, int live)
    {
        var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2));
        var filled = new FilledQueue(queues.Queue, queues.PauseAsync, () => queues.DeleteAsync(":pause"), queues);
        await filled.FillAsync(waiting, live);
        return filled;
    }

    public static async Task<FilledQueue> InMemoryAsync(int waiting, int live)
    {
        var backend = new MemoryBackend(TestRules.Of(size: 2), TimeProvider.System);
        var filled = new FilledQueue(backend.Queue, () => SetFrozen(true), () => SetFrozen(false), owned: null);
        await filled.FillAsync(waiting, live);
        return filled;

        Task SetFrozen(bool isFrozen)
        {
            backend.State.Line.IsFrozen = isFrozen;
            return Task.CompletedTask;
        }
    }

    /// <summary>Takes a player and a match once through their lives, and times each step.</summary>
    public async Task RunCycleAsync(Times times)
    {
        var (none, waiting) = (CancellationToken.None, _line.Peek());
        await times.TakeAsync(Operations.Join, () => Queue.JoinAsync(_newcomer, "", none));
        await times.TakeAsync(Operations.Leave, () => Queue.LeaveAsync(_newcomer, none));
        await times.TakeAsync(Operations.StatusWaiting, () => Queue.FindAsync(waiting, none));
        await times.TakeAsync(Operations.Sign, () => Queue.HearAsync([waiting], none));
        await times.TakeAsync(Operations.Heartbeat, () => Queue.RenewAsync([], none));
        await times.TakeAsync(Operations.Advance, () => Queue.AdvanceAsync(none));

        await _resume();
        var join = await times.TakeAsync(Operations.JoinForms, () => Queue.JoinAsync(_newcomer, "", none));
        await _pause();
        _line.Enqueue(_newcomer);
        var claim = join.Formed ?? throw new InvalidOperationException("The join completed no match.");
        var (first, second) = (_line.Dequeue(), _line.Dequeue());

        await times.TakeAsync(Operations.Assign, () => Queue.AssignAsync(claim, FakeFleet.Server(claim.MatchId), none));
        var state = await times.TakeAsync(Operations.StatusMatched, () => Queue.FindAsync(second, none));
        if (state.MatchId != claim.MatchId)
        {
            throw new InvalidOperationException("The match took other players than the first two.");
        }

        await times.TakeAsync(Operations.End, () => Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, none));
        await times.TakeAsync(Operations.Count, () => Queue.CountLiveAsync(none));
        await times.TakeAsync(Operations.MiddlePage, () => Queue.ListPageAsync(_middle, 5, none));
        await times.TakeAsync(Operations.FirstPage, () => Queue.ListPageAsync(after: null, 1_000, none));

        await Queue.JoinAsync(first, "", none);
        _line.Enqueue(first);
        _newcomer = second;
    }

    public async ValueTask DisposeAsync()
    {
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }

    private async Task FillAsync(int waiting, int live)
    {
        for (var i = 0; i < live; i++)
        {
            var claim = await MatchQueueTests.FormAsync(Queue, $"playing-{i}", $"playing-too-{i}");
            _servers.Add(FakeFleet.Server(claim.MatchId));
            await Queue.AssignAsync(claim, _servers[i], CancellationToken.None);
        }

        // Redis lists matches in the order of assignment, memory in that of their ids.
        _middle = (Queue.Source == "memory" ? _servers.OrderBy(server => server.MatchId) : _servers.AsEnumerable())
            .ElementAt((live / 2) - 1).MatchId;
        await _pause();
        foreach (var players in Enumerable.Range(0, waiting).Select(i => i.ToString(CultureInfo.InvariantCulture)).Chunk(JoinsAtOnce))
        {
            await Task.WhenAll(players.Select(player => Queue.JoinAsync(player, "", CancellationToken.None)));
            Array.ForEach(players, _line.Enqueue);
        }
    }
}
