using GameStack.Backend;
using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.Matches;

/// <summary>A fleet of pods that never finds a server for a match, and cannot say which it has until it is mended.</summary>
internal sealed class BrokenFleet(params RunningGameServer[] servers) : IGameServerFleet
{
    private readonly List<Guid> _ended = [];

    /// <summary>What happens while it looks for a server.</summary>
    public Func<Task> Meanwhile { get; init; } = () => Task.CompletedTask;

    public bool IsMended { get; set; }

    /// <summary>The matches whose servers it was asked to end.</summary>
    public IReadOnlyList<Guid> Ended => _ended;

    public int StandbyCount => 0;

    public async Task<Result<RunningGameServer>> AllocateAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        await Meanwhile();
        return Result<RunningGameServer>.Failed("It is broken.");
    }

    public Task EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        _ended.Add(matchId);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken) =>
        IsMended ? Task.FromResult<IReadOnlyList<RunningGameServer>>(servers) : throw new DependencyUnavailableException("Kubernetes", "It is broken.");

    public Task EndAsync(RunningGameServer server, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
