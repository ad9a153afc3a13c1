using System.Net;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Finds a pod for a match: the one it already has, one on standby, or a new one, whichever there is first.</summary>
internal sealed partial class MatchPods
{
    private readonly KubernetesCalls _calls;
    private readonly PodCatalog _catalog;
    private readonly StandbyPods _standby;
    private readonly NewPods _new;
    private readonly bool _hasStandby;
    private readonly bool _isOpenAtOnce;
    private readonly PodStarts _starts;
    private readonly ILogger<MatchPods> _logger;
    private readonly RetryGate _creates;

    public MatchPods(
        KubernetesCalls calls, PodCatalog catalog, StandbyPods standby, NewPods @new, FleetObstacles obstacles,
        IOptions<KubernetesFleetOptions> options, FleetInstruments instruments, TimeProvider time, ILogger<MatchPods> logger)
    {
        (_calls, _catalog, _standby, _new, _logger) = (calls, catalog, standby, @new, logger);
        _starts = new PodStarts(catalog, obstacles, instruments, time);
        _creates = new RetryGate(time);
        catalog.RoomMade = () =>
        {
            if (!_starts.AreFailing)
            {
                _creates.Hurry(); // A pod that fails makes room, too, but that is not what the next one lacks.
            }
        };

        // A standby pod has no port of its own on the node; with exposure HostPort, each match gets a new pod that has one.
        _hasStandby = options.Value.Exposure != GameServerExposure.HostPort;

        // Players connect to a pod's own address, so that one that is created for its match needs no change.
        _isOpenAtOnce = options.Value.Exposure == GameServerExposure.PodIp;
    }

    /// <summary>Why matches get no pods at present; null while they do.</summary>
    public string? Obstacle => _standby.Obstacle ?? _creates.Reason ?? _catalog.WhyStale;

    /// <summary>See <see cref="IGameServerFleet.WhyFull"/>. The log has the API server's own words.</summary>
    public string? WhyFull
    {
        get
        {
            if (ShouldClaim)
            {
                return null;
            }

            return _creates.Reason is not null && _starts.AreFailing ? "No game server is free, and new ones do not start."
                : _creates.Reason is not null ? "No game server is free, and Kubernetes refuses to create another pod."
                : _catalog.All.Any(pod => pod.IsUnschedulable) ? "No game server is free, and no node has room for another pod."
                : null;
        }
    }

    private bool CanClaim => _hasStandby && _catalog.StandbyCount > 0;

    /// <summary>Whether a match should claim a pod instead of creating one.</summary>
    private bool ShouldClaim => CanClaim && !(_isOpenAtOnce && _standby.IsRefused);

    /// <summary>Returns a pod that is labelled with the match and whose program has started.</summary>
    /// <exception cref="OperationCanceledException">No pod was available in time.</exception>
    public async Task<Result<GameServerPod>> TakeAsync(Guid matchId, CancellationToken cancellationToken)
    {
        await _catalog.Listed.WaitAsync(cancellationToken);
        while (true)
        {
            if (_catalog.Find(matchId) is { } known)
            {
                // Another backend, or an earlier try, already got this far.
                if (await StartAsync(known, matchId, turn: null, cancellationToken) is { } started)
                {
                    return started;
                }

                continue;
            }

            if (_hasStandby && await _standby.ClaimAnyAsync(matchId, waits: !_isOpenAtOnce, cancellationToken) is { } claimed)
            {
                return Result<GameServerPod>.Of(claimed);
            }

            using var turn = await NextCreateAsync(cancellationToken);
            if (turn is null || _catalog.Find(matchId) is not null)
            {
                continue;
            }

            var created = await _new.CreateAsync(matchId, cancellationToken);
            if (!created.IsSuccess)
            {
                turn.Refused(created.Failure);
                continue;
            }

            if (!_starts.AreFailing)
            {
                turn.Succeeded(); // Otherwise, the next pod is created when this one has started.
            }

            if (await StartAsync(created.Value, matchId, turn, cancellationToken) is { } outcome)
            {
                return outcome;
            }
        }
    }

    /// <summary>
    /// It is not an error when the pod is already gone. While the API server is unavailable, the pod is left to the reconciler.
    /// </summary>
    /// <returns>Whether the pod is being deleted, by this call or an earlier one.</returns>
    public Task<bool> DeleteAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return DeleteAsync(pod, new V1Preconditions { Uid = pod.Uid }, cancellationToken);
    }

    /// <summary>
    /// Deletes a pod that has not started, unless it has changed: the queue has not been asked, so another backend may have taken over the
    /// match meanwhile, and have sent its players there. The reconciler deletes what is left.
    /// </summary>
    private Task<bool> DiscardAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        var last = _catalog.Get(pod.Name) is { } now && now.Uid == pod.Uid ? now : pod;
        return last.IsReady || last.Address is not null
            ? Task.FromResult(false)
            : DeleteAsync(last, new V1Preconditions { Uid = last.Uid, ResourceVersion = last.ResourceVersion }, cancellationToken);
    }

    private async Task<bool> DeleteAsync(GameServerPod pod, V1Preconditions preconditions, CancellationToken cancellationToken)
    {
        var last = _catalog.Get(pod.Name);
        if (pod.IsSetAside || last is { IsSetAside: true })
        {
            return false;
        }

        if (pod.IsBeingDeleted || (last is { IsBeingDeleted: true } && last.Uid == pod.Uid))
        {
            return true; // Deleting it again would change nothing.
        }

        var answer = await _calls.DeletePodAsync(pod.Name, preconditions, atOnce: false, cancellationToken);
        if (answer.Value is null && answer.Refused is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
        {
            // A round tries each pod again; that pods cannot be deleted is an obstacle, which is logged once for all.
            Log.NotDeleted(_logger, pod.Name, answer.Reason);
        }

        return answer.Value is not null;
    }

    /// <summary>Waits until a pod may be created; null when there is one on standby to claim before that.</summary>
    private async Task<RetryGate.Turn?> NextCreateAsync(CancellationToken cancellationToken)
    {
        // A new pod would have the same key as those that refuse this backend, so it would refuse it, too. Those that are being asked
        // answer in milliseconds. While pods cannot be listed, nobody would see that a new one has started.
        await _catalog.WaitUntilAsync(
            () => ShouldClaim || (!_standby.IsDenied && _catalog is { AskedCount: 0, WhyStale: null }), cancellationToken);
        if (ShouldClaim)
        {
            return null;
        }

        return await _creates.EnterUnlessAsync(
            token => _catalog.WaitUntilAsync(() => ShouldClaim || _standby.IsDenied, token), cancellationToken);
    }

    /// <summary>
    /// Waits for a match's pod, or takes one on standby in its place if that is there first. Null if neither is of use any more.
    /// </summary>
    private async Task<Result<GameServerPod>?> StartAsync(
        GameServerPod pod, Guid matchId, RetryGate.Turn? turn, CancellationToken cancellationToken)
    {
        if (await _starts.WaitAsync(pod.Name, () => CanClaim && _standby.Obstacle is null, cancellationToken) is not { } start)
        {
            return await ReplaceAsync(pod, matchId, cancellationToken);
        }

        if (start.IsUseless)
        {
            _catalog.Abandon(pod);
            turn?.Refused(start.Outcome.Failure!);
            _creates.Refuse(start.Outcome.Failure!);
            await DiscardAsync(pod, cancellationToken);
            return null;
        }

        if (start.Outcome.IsSuccess)
        {
            turn?.Succeeded();
        }

        return start.Outcome;
    }

    /// <summary>Takes a pod on standby in place of one that has not started. Null if others were faster.</summary>
    private async Task<Result<GameServerPod>?> ReplaceAsync(GameServerPod pod, Guid matchId, CancellationToken cancellationToken)
    {
        _catalog.Abandon(pod); // Otherwise, the match would have its pod already.
        GameServerPod? claimed = null;
        try
        {
            claimed = await _standby.ClaimAnyAsync(matchId, waits: false, cancellationToken);
        }
        finally
        {
            if (claimed is null && _catalog.Find(matchId) is null)
            {
                _catalog.Abandon(pod, isAbandoned: false);
            }
        }

        if (claimed is null)
        {
            return null;
        }

        Log.Replaced(_logger, pod.Name, matchId, claimed.Name);
        await DiscardAsync(pod, cancellationToken);
        return Result<GameServerPod>.Of(claimed);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotDeleted, LogLevel.Debug, "Cannot delete pod {Pod}: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string pod, string reason);

        [LoggerMessage(EventIds.Replaced, LogLevel.Information,
            "Deleting pod {Pod}, which has not started: match {MatchId} takes pod {Standby}, which was on standby")]
        public static partial void Replaced(ILogger logger, string pod, Guid matchId, string standby);
    }
}
