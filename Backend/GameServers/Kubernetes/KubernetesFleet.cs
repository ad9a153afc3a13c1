using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Game servers as pods, which all backends share without a leader. To take a pod, a backend relabels it, which the API server lets only
/// one backend do, and then assigns its session, which the game server accepts only once.
/// </summary>
internal sealed partial class KubernetesFleet : IGameServerFleet
{
    private const string Labels = $"{PodNames.App}={PodNames.GameServer}";
    private const int DeletesAtOnce = 16;

    private readonly PodAllocator _allocator;
    private readonly MatchPods _pods;
    private readonly StandbyPods _standby;
    private readonly PodCatalog _catalog;
    private readonly PodAddress _addresses;
    private readonly ControlSigner _signer;
    private readonly StandbyAccess _access;
    private readonly KubernetesCalls _calls;
    private readonly BackendIdentity _identity;
    private readonly TimeProvider _time;
    private readonly ILogger<KubernetesFleet> _logger;

    public KubernetesFleet(
        PodAllocator allocator, MatchPods pods, StandbyPods standby, PodCatalog catalog, PodAddress addresses, ControlSigner signer,
        StandbyAccess access, KubernetesCalls calls, BackendIdentity identity, FleetInstruments instruments, TimeProvider time,
        ILogger<KubernetesFleet> logger)
    {
        (_allocator, _pods, _standby, _catalog, _addresses, _signer) = (allocator, pods, standby, catalog, addresses, signer);
        (_access, _calls, _identity, _time, _logger) = (access, calls, identity, time, logger);
        instruments.Observe(() => catalog.StandbyCount, () => catalog.ClaimedCount, () => WhyFull is not null);
    }

    public int StandbyCount => _catalog.StandbyCount;

    public string? WhyFull => _pods.WhyFull;

    public bool IsShutOut => _access.IsShutOut;

    public Task<Result<RunningGameServer>> AllocateAsync(
        Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken) =>
        _allocator.AllocateAsync(matchId, players, cancellationToken);

    /// <summary>Pods are seen by every backend.</summary>
    public Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Asks the API server if the catalog has no pod of the match that is still there: it may be late or empty, and players would play on
    /// until the second comparison.
    /// </summary>
    public async Task EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        if (!await DeleteAllAsync(_catalog.All, matchId, cancellationToken))
        {
            var list = await _calls.ListPodsAsync($"{Labels},{PodNames.SessionId}={matchId}", cancellationToken);
            await DeleteAllAsync(list.Value?.Items.Select(GameServerPod.Of) ?? [], matchId, cancellationToken);
        }
    }

    /// <summary>Leaves a pod alone whose server has another match, although this backend could not label it so.</summary>
    public async Task ClearAsync(Guid matchId, CancellationToken cancellationToken)
    {
        foreach (var pod in _catalog.All.Where(pod => pod.MatchId == matchId && (_catalog.IsAbandoned(pod) || pod.Gone is not null)))
        {
            var session = await _signer.AskAsync(pod, _time, cancellationToken);
            if (session.MatchId is null || session.MatchId == matchId)
            {
                await _pods.DeleteAsync(pod, cancellationToken);
            }
        }
    }

    public async Task EndAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (await FindAsync(server, cancellationToken) is { } pod)
        {
            await _pods.DeleteAsync(pod, cancellationToken);
        }
    }

    public async Task<bool> EndUnusedAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        return await FindAsync(server, cancellationToken) is { } pod
            && (await _signer.AskAsync(pod, _time, cancellationToken)).Kind == ControlSessionKind.Standby
            && await _pods.DeleteAsync(pod, cancellationToken);
    }

    /// <summary>Asks the API server, not the catalog: a match must not end because a watch is late.</summary>
    /// <exception cref="DependencyUnavailableException">The API server did not answer.</exception>
    public async Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken)
    {
        // Not only those labelled as claimed: labels can be edited, and the pod plays on.
        var list = await _calls.ListPodsAsync(Labels, cancellationToken);
        return list.Value is { } pods
            ? [.. pods.Items.Select(GameServerPod.Of).Where(IsLiveHere).Select(pod => _addresses.Known(pod) with { Backend = pod.Backend })]
            : throw new DependencyUnavailableException("Kubernetes", list.Reason);
    }

    /// <summary>
    /// The list has every pod that says which match of this queue it has. One whose labels and annotations say otherwise may play it all
    /// the same; then its server says so, and they are repaired. A server that does not answer once may be busy: it counts as gone when
    /// the checks, which ask it several times, have deleted its pod (<see cref="KubernetesFleetWatch"/>, <see cref="OrphanedPods"/>).
    /// </summary>
    public async ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        var answer = await _calls.ReadPodAsync(server.Name, cancellationToken);
        if (answer.Value is null)
        {
            return answer.Refused == HttpStatusCode.NotFound;
        }

        var pod = GameServerPod.Of(answer.Value);
        if (pod.Gone is not null)
        {
            return true;
        }

        var session = await _signer.AskAsync(pod, _time, cancellationToken);
        switch (session.Kind)
        {
            case ControlSessionKind.Match when session.MatchId == server.MatchId:
                var repaired = await _standby.RepairAsync(pod, server.MatchId, isOwn: true, cancellationToken);
                if (repaired is not null && _addresses.Known(repaired) != server)
                {
                    await _calls.PatchPodAsync(pod.Name, _addresses.Record(server), cancellationToken);
                }

                return false;
            case ControlSessionKind.Silent:
                return false;
            case ControlSessionKind.Denied:
                return pod.MatchId is { } matchId && matchId != server.MatchId; // It cannot be asked.
            default:
                return true;
        }
    }

    /// <summary>A backend whose pod is being deleted still drains, with what its memory has.</summary>
    public async ValueTask<bool> MayRunAsync(string backend, CancellationToken cancellationToken)
    {
        var answer = await _calls.ReadPodAsync(backend, cancellationToken);
        return answer.Value is { } pod ? pod.Status?.Phase is not ("Succeeded" or "Failed") : answer.Refused != HttpStatusCode.NotFound;
    }

    /// <summary>Also deletes the pods that this backend claimed, beside the reports: a delete may take as long as the API server.</summary>
    public async IAsyncEnumerable<RunningGameServer> WatchExitsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var useless = Channel.CreateUnbounded<GameServerPod>();
        var deleting = Parallel.ForEachAsync(
            useless.Reader.ReadAllAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken },
            async (pod, token) => await _pods.DeleteAsync(pod, token));
        try
        {
            await foreach (var pod in _catalog.GoneAsync(cancellationToken))
            {
                var server = _addresses.Known(pod);
                Log.Ended(_logger, server.MatchId, pod.Name, pod.Gone ?? "It was deleted.");
                if (pod.Backend == _identity.Name)
                {
                    useless.Writer.TryWrite(pod);
                }

                yield return server;
                if (deleting.IsCompleted)
                {
                    await deleting; // It has failed, and so does the caller's round.
                }
            }
        }
        finally
        {
            useless.Writer.Complete();
            await deleting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Pods outlive this backend.</summary>
    public Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunningGameServer>>([]);

    /// <summary>Deletes this queue's pods of a match. Returns whether it has deleted one.</summary>
    private async Task<bool> DeleteAllAsync(IEnumerable<GameServerPod> pods, Guid matchId, CancellationToken cancellationToken)
    {
        var isDeleted = false;
        foreach (var pod in pods.Where(pod => pod.MatchId == matchId && !pod.IsForeignTo(_identity.Queue)))
        {
            isDeleted |= await _pods.DeleteAsync(pod, cancellationToken);
        }

        return isDeleted;
    }

    /// <summary>The pod of a server, from the API server if the catalog does not have it; null when it is gone.</summary>
    private async Task<GameServerPod?> FindAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        if (_catalog.Get(server.Name) is { } known && known.MatchId == server.MatchId)
        {
            return known;
        }

        var there = await _calls.ReadPodAsync(server.Name, cancellationToken);
        return there.Value is { } value && GameServerPod.Of(value) is var pod
            && pod.MatchId == server.MatchId && !pod.IsForeignTo(_identity.Queue) ? pod : null;
    }

    private bool IsLiveHere(GameServerPod pod) => pod is { MatchId: not null, Gone: null } && pod.Queue == _identity.Queue;

    private static partial class Log
    {
        [LoggerMessage(EventIds.KubernetesFleetEnded, LogLevel.Information, "Game server of match {MatchId}, pod {Pod}, ended: {Why}")]
        public static partial void Ended(ILogger logger, Guid matchId, string pod, string why);
    }
}
