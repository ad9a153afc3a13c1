using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.Matchmaking;

/// <summary>A fleet that plays matches and cannot say which, until it is mended.</summary>
internal sealed class BrokenFleet(params RunningGameServer[] servers) : IGameServerFleet
{
    public bool IsMended { get; set; }

    public int StandbyCount => 0;

    public bool IsShared => true;

    public Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken) =>
        IsMended ? Task.FromResult<IReadOnlyList<RunningGameServer>>(servers) : throw new FleetUnavailableException("It is broken.");

    public Task<GameServerAllocation> AllocateAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task EndAsync(Guid matchId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task EndAsync(RunningGameServer server, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
