using System.Net;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Finds a pod for a match: the one it already has, one on standby, or a new one.</summary>
internal sealed partial class MatchPods(
    KubernetesCalls calls, PodCatalog catalog, BackendIdentity identity, IOptions<KubernetesFleetOptions> options,
    FleetInstruments instruments, TimeProvider time, ILogger<MatchPods> logger)
{
    private readonly KubernetesFleetOptions _options = options.Value;

    /// <summary>Whether the API server refused the last pod that was to be created, because of a quota, for example.</summary>
    private volatile bool _isRefused;

    /// <summary>See <see cref="IGameServerFleet.WhyFull"/>. The log has the API server's own words.</summary>
    public string? WhyFull
    {
        get
        {
            if (HasStandby && catalog.StandbyCount > 0)
            {
                return null;
            }

            return _isRefused ? "No game server is free, and Kubernetes refuses to create another pod."
                : catalog.All.Any(pod => pod.IsUnschedulable) ? "No game server is free, and no node has room for another pod."
                : null;
        }
    }

    /// <summary>Returns a pod that is labelled with the match and whose program has started.</summary>
    /// <exception cref="OperationCanceledException">No pod was available in time.</exception>
    public async Task<Result<GameServerPod>> TakeAsync(Guid matchId, CancellationToken cancellationToken)
    {
        await catalog.Listed.WaitAsync(cancellationToken);
        if (catalog.Find(matchId) is { } known)
        {
            return await StartedAsync(known.Name, cancellationToken); // Another backend, or an earlier try, already got this far.
        }

        while (true)
        {
            while (HasStandby && catalog.TakeStandby() is { } standby)
            {
                if (await ClaimAsync(standby, matchId, cancellationToken) is { } claimed)
                {
                    return Result<GameServerPod>.Of(claimed);
                }
            }

            var created = await CreateAsync(matchId, cancellationToken);
            if (created.IsSuccess)
            {
                return await StartedAsync(created.Value.Name, cancellationToken);
            }

            if (!HasStandby)
            {
                return created;
            }

            // A quota may be exhausted, for example. A pod that goes on standby later can still serve this match.
            Log.NotCreated(logger, matchId, created.Failure);
            await catalog.WaitUntilAsync(() => catalog.StandbyCount > 0, cancellationToken);
        }
    }

    /// <summary>
    /// It is not an error when the pod is already gone. While the API server is unavailable, the pod is left to the reconciler.
    /// </summary>
    public async Task DeleteAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var answer = await calls.DeletePodAsync(pod.Name, pod.Uid, atOnce: false, cancellationToken);
        if (answer.Value is null && answer.Refused is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
        {
            Log.NotDeleted(logger, pod.Name, answer.Reason);
        }
    }

    /// <summary>A standby pod has no port of its own on the node; with exposure HostPort, each match gets a new pod that has one.</summary>
    private bool HasStandby => _options.Exposure != GameServerExposure.HostPort;

    /// <summary>
    /// Relabels a standby pod if it still is one. The pod then belongs to this match alone, and its ReplicaSet creates another one. Null
    /// when another backend was faster, or the pod is gone.
    /// </summary>
    private async Task<GameServerPod?> ClaimAsync(GameServerPod pod, Guid matchId, CancellationToken cancellationToken)
    {
        var answer = await calls.PatchPodAsync(pod.Name, PodPatch.Claim(pod, matchId, identity), cancellationToken);
        if (answer.Value is null && answer.Refused is not null)
        {
            // If the first answer was lost, the retry finds the pod no longer on standby, but the pod may be ours.
            answer = await calls.ReadPodAsync(pod.Name, cancellationToken);
        }

        if (answer.Value is not { } patched)
        {
            if (answer.Refused is null)
            {
                catalog.PutBack(pod);
            }

            Log.NotClaimed(logger, pod.Name, matchId, answer.Reason);
            return null;
        }

        var claimed = GameServerPod.Of(patched);
        if (claimed.IsForeignTo(identity.Queue))
        {
            catalog.Remove(claimed);
        }
        else
        {
            catalog.Set(claimed);
        }

        return claimed.MatchId == matchId && claimed.Gone is null ? claimed : null;
    }

    private async Task<Result<GameServerPod>> CreateAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var deployment = await calls.ReadDeploymentAsync(PodNames.GameServer, cancellationToken);
        if (deployment.Value?.Spec.Template is not { } template)
        {
            return Result<GameServerPod>.Failed($"There is no pod on standby, and no template to make one from: {deployment.Reason}");
        }

        var port = _options.Exposure == GameServerExposure.HostPort ? FreeHostPort() : (int?)null;
        var pod = PodForMatch.Make(template, matchId, calls.Namespace, identity, port);
        var answer = await calls.CreatePodAsync(pod, cancellationToken);
        if (answer.Refused == HttpStatusCode.Conflict)
        {
            answer = await TakeOverAsync(matchId, cancellationToken) ?? await calls.CreatePodAsync(pod, cancellationToken);
        }

        _isRefused = answer.Value is null && answer.Refused is not null;
        if (answer.Value is not { } created)
        {
            return Result<GameServerPod>.Failed($"There is no pod on standby, and one could not be created: {answer.Reason}");
        }

        var known = GameServerPod.Of(created);
        catalog.Set(known);
        Log.Created(logger, known.Name, matchId);
        return Result<GameServerPod>.Of(known);
    }

    /// <summary>
    /// The match's pod that an earlier try, or a call whose answer was lost, has created. Null when that pod is of
    /// no use; its name is then free.
    /// </summary>
    private async Task<ApiAnswer<V1Pod>?> TakeOverAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var there = await calls.ReadPodAsync(PodNames.Of(matchId), cancellationToken);
        if (there.Value is null)
        {
            return there.Refused == HttpStatusCode.NotFound ? null : there;
        }

        var pod = GameServerPod.Of(there.Value);
        if (pod.MatchId == matchId && pod.Gone is null && !catalog.IsAbandoned(pod))
        {
            return there;
        }

        if (pod.MatchId == matchId)
        {
            await calls.DeletePodAsync(pod.Name, pod.Uid, atOnce: true, cancellationToken);
        }

        return null;
    }

    private async Task<Result<GameServerPod>> StartedAsync(string name, CancellationToken cancellationToken)
    {
        var askedAt = time.GetTimestamp();
        Result<GameServerPod>? outcome = null;
        await catalog.WaitUntilAsync(() => (outcome = Start(catalog.Get(name))) is not null, cancellationToken);
        if (outcome!.Value.IsSuccess)
        {
            instruments.Started(time.GetElapsedTime(askedAt));
        }

        return outcome.Value;

        Result<GameServerPod>? Start(GameServerPod? pod) => pod switch
        {
            null => Result<GameServerPod>.Failed($"Pod {name} was deleted."),
            { Gone: { } gone } => Result<GameServerPod>.Failed($"Pod {name} no longer serves players: {gone}"),
            { Stuck: { } stuck } => Result<GameServerPod>.Failed($"Pod {name} does not start: {stuck}"),
            { IsStarted: true, Ip.Length: > 0 } => Result<GameServerPod>.Of(pod),
            _ => null,
        };
    }

    /// <summary>
    /// Any port that no known pod has. When two backends choose the same port at the same moment, the scheduler finds
    /// another node or the try fails.
    /// </summary>
    private int FreeHostPort()
    {
        var taken = catalog.All.Select(pod => pod.HostPort).ToHashSet();
        var all = Enumerable.Range(_options.FirstHostPort, _options.LastHostPort - _options.FirstHostPort + 1);
        var free = all.Where(port => !taken.Contains(port)).ToArray();
        return free.Length == 0 ? _options.FirstHostPort : free[Random.Shared.Next(free.Length)];
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Created, LogLevel.Information, "Created pod {Pod} for match {MatchId}: none was on standby")]
        public static partial void Created(ILogger logger, string pod, Guid matchId);

        [LoggerMessage(EventIds.NotCreated, LogLevel.Warning, "Match {MatchId} is waiting for a pod on standby: {Reason}")]
        public static partial void NotCreated(ILogger logger, Guid matchId, string reason);

        [LoggerMessage(EventIds.NotClaimed, LogLevel.Warning, "Cannot claim pod {Pod} for match {MatchId}: {Reason}")]
        public static partial void NotClaimed(ILogger logger, string pod, Guid matchId, string reason);

        [LoggerMessage(EventIds.NotDeleted, LogLevel.Warning, "Cannot delete pod {Pod}: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string pod, string reason);
    }
}
