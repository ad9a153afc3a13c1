using System.Collections.Concurrent;
using System.Threading.Channels;
using GameStack.Backend;
using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.Matches;

/// <summary>A fleet without game servers: a test says which it lists, whether it finds one for a match, and which exit.</summary>
internal sealed class FakeFleet(params RunningGameServer[] servers) : IGameServerFleet
{
    private readonly List<RunningGameServer> _servers = [.. servers];
    private readonly ConcurrentQueue<Guid> _ended = [];
    private readonly ConcurrentQueue<RunningGameServer> _endedServers = [];
    private readonly ConcurrentQueue<RunningGameServer> _endedUnused = [];
    private readonly ConcurrentQueue<ServerOwner> _askedOwners = [];
    private readonly Channel<RunningGameServer> _exits = Channel.CreateUnbounded<RunningGameServer>();

    /// <summary>What happens while it looks for a server.</summary>
    public Func<CancellationToken, Task> Looking { get; init; } = _ => Task.CompletedTask;

    /// <summary>What happens before it lists its servers.</summary>
    public Func<CancellationToken, Task> Listing { get; init; } = _ => Task.CompletedTask;

    /// <summary>What happens before it has ended a match's server.</summary>
    public Task Ending { get; set; } = Task.CompletedTask;

    /// <summary>Whether it finds a server for each match; if not, every try fails.</summary>
    public bool FindsServers { get; init; }

    /// <summary>Whether it cannot say which servers it has.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>Whether it takes a server that it does not list for gone.</summary>
    public bool MissesServers { get; init; }

    /// <summary>The backends that run.</summary>
    public HashSet<string> Backends { get; } = [];

    public int StandbyCount { get; init; }

    public bool IsShutOut { get; set; }

    public string? WhyFull { get; init; }

    /// <summary>The matches whose servers it was asked to end.</summary>
    public IReadOnlyCollection<Guid> Ended => _ended;

    /// <summary>The very servers that it was asked to end.</summary>
    public IReadOnlyCollection<RunningGameServer> EndedServers => _endedServers;

    /// <summary>The very servers that it was asked to end if they are unused.</summary>
    public IReadOnlyCollection<RunningGameServer> EndedUnused => _endedUnused;

    /// <summary>Of whose servers it was asked whether they are gone.</summary>
    public IReadOnlyCollection<ServerOwner> AskedOwners => _askedOwners;

    public static RunningGameServer Server(Guid matchId) => new(matchId, "server", "127.0.0.1", 4711);

    public void Exit(RunningGameServer server) => _exits.Writer.TryWrite(server);

    /// <summary>The server is listed from now on.</summary>
    public void Add(RunningGameServer server) => _servers.Add(server);

    /// <summary>The server is not listed any more.</summary>
    public void Lose(RunningGameServer server) => _servers.Remove(server);

    public async Task<Result<RunningGameServer>> AllocateAsync(
        Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        await Looking(cancellationToken);
        return FindsServers ? Result<RunningGameServer>.Of(Server(matchId)) : Result<RunningGameServer>.Failed("There is none.");
    }

    public Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ClearAsync(Guid matchId, CancellationToken cancellationToken) => EndAsync(matchId, cancellationToken);

    public Task EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        _ended.Enqueue(matchId);
        return Ending;
    }

    public Task EndAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        _endedServers.Enqueue(server);
        return Task.CompletedTask;
    }

    public Task<bool> EndUnusedAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        _endedUnused.Enqueue(server);
        return Task.FromResult(true);
    }

    public async Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken)
    {
        await Listing(cancellationToken);
        return IsUnavailable ? throw new DependencyUnavailableException("Kubernetes", "It does not answer.") : [.. _servers];
    }

    public ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken)
    {
        _askedOwners.Enqueue(owner);
        return ValueTask.FromResult(MissesServers);
    }

    public ValueTask<bool> MayRunAsync(string backend, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Backends.Contains(backend));

    public IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken) =>
        _exits.Reader.ReadAllAsync(cancellationToken);

    public Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
