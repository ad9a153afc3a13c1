using System.Runtime.CompilerServices;
using GameStack.Backend.Life;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Game servers as pods, which all backends share without a leader. To take a pod, a backend relabels it, which the API server lets only
/// one backend do, and then assigns its session, which the game server accepts only once.
/// </summary>
internal sealed partial class KubernetesFleet : IGameServerFleet
{
    private const string ClaimedLabels = $"{PodNames.App}={PodNames.GameServer},{PodNames.Pool}={PodNames.Claimed}";

    private readonly MatchPods _pods;
    private readonly PodCatalog _catalog;
    private readonly PodAddress _addresses;
    private readonly ControlSigner _signer;
    private readonly KubernetesCalls _calls;
    private readonly GameServerHandshake _handshake;
    private readonly BackendIdentity _identity;
    private readonly TimeSpan _allocationTimeout;
    private readonly FleetInstruments _instruments;
    private readonly MatchLife _life;
    private readonly TimeProvider _time;
    private readonly ILogger<KubernetesFleet> _logger;

    public KubernetesFleet(
        MatchPods pods, PodCatalog catalog, PodAddress addresses, ControlSigner signer, KubernetesCalls calls,
        GameServerHandshake handshake, BackendIdentity identity, IOptions<GameServersOptions> options, FleetInstruments instruments,
        MatchLife life, TimeProvider time, ILogger<KubernetesFleet> logger)
    {
        (_pods, _catalog, _addresses, _signer, _calls, _handshake) = (pods, catalog, addresses, signer, calls, handshake);
        (_identity, _allocationTimeout) = (identity, options.Value.AllocationTimeout);
        (_instruments, _life, _time, _logger) = (instruments, life, time, logger);
        instruments.Observe(() => catalog.StandbyCount, () => catalog.ClaimedCount, () => WhyFull is not null);
    }

    public int StandbyCount => _catalog.StandbyCount;

    public string? WhyFull => _pods.WhyFull;

    public async Task<Result<RunningGameServer>> AllocateAsync(
        Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(players);
        var askedAt = _time.GetTimestamp();
        using var limit = new TimeLimit(_allocationTimeout, _time, cancellationToken);
        Result<RunningGameServer> allocation;
        try
        {
            allocation = await FindServerAsync(matchId, players, limit.Token);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            allocation = Result<RunningGameServer>.Failed($"There was no game server within {_allocationTimeout.TotalSeconds:0.###} s.");
        }

        if (!allocation.IsSuccess && _catalog.Find(matchId) is { } useless)
        {
            Log.Abandoned(_logger, useless.Name, matchId);
            _catalog.Abandon(useless);
        }

        _instruments.Allocated(_time.GetElapsedTime(askedAt), allocation);
        return allocation;
    }

    /// <summary>Pods are seen by every backend.</summary>
    public Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        foreach (var pod in _catalog.All.Where(pod => pod.MatchId == matchId))
        {
            await _pods.DeleteAsync(pod, cancellationToken);
        }
    }

    public async Task EndAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (_catalog.Get(server.Name) is { } pod && pod.MatchId == server.MatchId)
        {
            await _pods.DeleteAsync(pod, cancellationToken);
        }
    }

    /// <summary>Asks the API server, not the catalog: a match must not end because a watch is late.</summary>
    /// <exception cref="DependencyUnavailableException">The API server did not answer.</exception>
    public async Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken)
    {
        var list = await _calls.ListPodsAsync(ClaimedLabels, cancellationToken);
        return list.Value is { } pods
            ? [.. pods.Items.Select(GameServerPod.Of).Where(IsLiveHere).Select(_addresses.Known)]
            : throw new DependencyUnavailableException("Kubernetes", list.Reason);
    }

    /// <summary>The list has every pod, whichever backend claimed it.</summary>
    public ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken) =>
        ValueTask.FromResult(true);

    public async IAsyncEnumerable<RunningGameServer> WatchExitsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var pod in _catalog.GoneAsync(cancellationToken))
        {
            var server = _addresses.Known(pod);
            Log.Ended(_logger, server.MatchId, pod.Name, pod.Gone ?? "It was deleted.");
            yield return server;
            if (pod.Backend == _identity.Name)
            {
                await _pods.DeleteAsync(pod, cancellationToken);
            }
        }
    }

    /// <summary>Pods outlive this backend.</summary>
    public Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunningGameServer>>([]);

    private bool IsLiveHere(GameServerPod pod) => pod is { MatchId: not null, Gone: null } && !pod.IsForeignTo(_identity.Queue);

    private async Task<Result<RunningGameServer>> FindServerAsync(
        Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var taken = await _pods.TakeAsync(matchId, cancellationToken);
        if (!taken.IsSuccess)
        {
            return Result<RunningGameServer>.Failed(taken.Failure);
        }

        var pod = taken.Value;
        _life.Announce(new MatchStep.ServerFound(matchId));
        var opened = await _addresses.OpenAsync(pod, cancellationToken);
        if (!opened.IsSuccess)
        {
            return opened;
        }

        var server = opened.Value;
        if (await _handshake.RunAsync(_signer.ClientFor(pod), server, players, cancellationToken) is { } failure)
        {
            return Result<RunningGameServer>.Failed(failure);
        }

        Log.Assigned(_logger, matchId, pod.Name, server.Host, server.Port);
        return Result<RunningGameServer>.Of(server);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.KubernetesFleetAssigned, LogLevel.Information, "Match {MatchId} plays on pod {Pod}, at {Host}:{Port}")]
        public static partial void Assigned(ILogger logger, Guid matchId, string pod, string host, int port);

        [LoggerMessage(EventIds.Abandoned, LogLevel.Warning, "Abandoning pod {Pod}: match {MatchId} needs another one")]
        public static partial void Abandoned(ILogger logger, string pod, Guid matchId);

        [LoggerMessage(EventIds.KubernetesFleetEnded, LogLevel.Information, "Game server of match {MatchId}, pod {Pod}, ended: {Why}")]
        public static partial void Ended(ILogger logger, Guid matchId, string pod, string why);
    }
}
