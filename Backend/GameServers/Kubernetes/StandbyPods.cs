using System.Net;
using GameStack.Backend.Tickets;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Claims pods on standby, gives them back, and makes labels agree with what servers say.</summary>
internal sealed partial class StandbyPods(
    KubernetesCalls calls, PodCatalog catalog, ControlSigner signer, FleetObstacles obstacles, BackendIdentity identity,
    TicketSigner tickets, TimeProvider time, ILogger<StandbyPods> logger)
{
    /// <summary>The obstacle that servers are whose keys do not belong to this backend's.</summary>
    private const string UseServers = "use game servers";

    /// <summary>How often a repair is tried that other changes get ahead of, such as the kubelet's.</summary>
    private const int MostRepairs = 3;

    /// <summary>How long a pod on standby that did not answer is not asked again. Its probes may restart it meanwhile.</summary>
    private static readonly TimeSpan SilencePause = TimeSpan.FromSeconds(10);

    private readonly RetryGate _claims = new(time);
    private volatile bool _isRefused;

    /// <summary>Whether there are servers that deny this backend, and none has accepted it since.</summary>
    public bool IsDenied => catalog.RefusingCount > 0 && obstacles.Find(UseServers) is not null;

    /// <summary>Why no pod can be claimed at present; null while pods can.</summary>
    public string? Obstacle => IsDenied ? obstacles.Find(UseServers) : _claims.Reason;

    /// <summary>Whether the API server refuses claims: a policy, a webhook or a missing permission.</summary>
    public bool IsRefused => _isRefused;

    /// <summary>Claims any pod on standby for a match; null when there is none.</summary>
    /// <param name="matchId">The match.</param>
    /// <param name="waits">
    /// Whether the match waits while the API server refuses claims. Otherwise, it gets null unless it is its turn to try again.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<GameServerPod?> ClaimAnyAsync(Guid matchId, bool waits, CancellationToken cancellationToken)
    {
        while (catalog.StandbyCount > 0)
        {
            using var turn = waits
                ? await _claims.EnterAsync(isFirst: false, cancellationToken)
                : await _claims.EnterUnlessAsync(token => catalog.WaitUntilAsync(() => IsRefused, token), cancellationToken);
            if (turn is null)
            {
                return null;
            }

            if (catalog.Find(matchId) is not null || catalog.TakeStandby(identity.Name) is not { } standby)
            {
                return null; // A claim whose answer was lost has succeeded, or others were faster.
            }

            try
            {
                var isFree = await IsFreeAsync(standby, cancellationToken);
                catalog.Asked(standby);
                if (isFree && await ClaimAsync(standby, matchId, turn, cancellationToken) is { } claimed)
                {
                    return claimed;
                }
            }
            catch (OperationCanceledException)
            {
                catalog.Asked(standby);
                catalog.PutBack(standby);
                throw;
            }
        }

        return null;
    }

    /// <summary>Puts a pod back on standby whose server was never assigned the match. The reconciler sees to it if that fails.</summary>
    public async Task ReturnAsync(GameServerPod pod, Guid matchId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var answer = await calls.PatchPodAsync(pod.Name, PodPatch.Return(pod, matchId), cancellationToken);
        if (answer.Value is { } returned)
        {
            catalog.Set(GameServerPod.Of(returned));
            Log.Returned(logger, pod.Name, matchId);
        }
    }

    /// <summary>Says that a server accepts this backend.</summary>
    public void ReportAcceptance() => obstacles.Pass(UseServers);

    /// <summary>Says that a server denies this backend, which the API server confirms to be this pod's.</summary>
    public async Task ReportDenialAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);

        // While the catalog is late, another pod may have this one's address, and denies a token that is not for it.
        var there = await calls.ReadPodAsync(pod.Name, cancellationToken);
        if (there.Value is { } value && GameServerPod.Of(value) is { Gone: null } now && (now.Uid, now.Ip) == (pod.Uid, pod.Ip))
        {
            obstacles.Meet(UseServers, StandbyAccess.DenialBy(pod.Name), "keys");
        }
    }

    /// <summary>
    /// Makes a pod's labels and annotations agree with its server, which has this match. That takes it out of the ReplicaSet that may have
    /// got it back. Changes nothing if they agree already: then only the catalog was late, and another backend has claimed the pod.
    /// </summary>
    /// <param name="pod">The pod as it was when its server was asked.</param>
    /// <param name="matchId">The match that its server has.</param>
    /// <param name="isOwn">Whether the match is one of this backend's queue.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>The pod, which agrees with its server; null if it could not be repaired, or has become another match's meanwhile.</returns>
    public async Task<GameServerPod?> RepairAsync(GameServerPod pod, Guid matchId, bool isOwn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);
        for (var tries = 0; tries < MostRepairs; tries++)
        {
            var there = await calls.ReadPodAsync(pod.Name, cancellationToken);
            if (there.Value is not { } value || GameServerPod.Of(value) is not { Gone: null } now || now.Uid != pod.Uid)
            {
                return null;
            }

            var claim = catalog.ClaimOf(now);
            Know(now);
            var agrees = now.MatchId == matchId && !now.IsMislabelled && (!isOwn || (now.Queue == identity.Queue && !now.Lacks(claim)));
            if (agrees || (now.MatchId, now.Restarts) != (pod.MatchId, pod.Restarts))
            {
                return agrees ? now : null;
            }

            var patch = PodPatch.Repair(now, matchId, isOwn ? identity : null, claim);
            var answer = await calls.PatchPodAsync(pod.Name, patch, cancellationToken);
            if (answer.Value is { } repaired)
            {
                now = GameServerPod.Of(repaired);
                Know(now);
                Log.Repaired(logger, pod.Name, matchId);
                return now;
            }

            if (answer.Refused != HttpStatusCode.Conflict)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>
    /// Asks a server whether it is as free as its pod's labels say, before the pod is claimed: labels can be edited, and a server that
    /// denies this backend is of no use to any match.
    /// </summary>
    private async Task<bool> IsFreeAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        var session = await signer.AskAsync(pod, time, cancellationToken);
        if (catalog.SetSilent(pod, session.Kind == ControlSessionKind.Silent))
        {
            Log.Silent(logger, pod.Name);
        }

        switch (session.Kind)
        {
            case ControlSessionKind.Standby:
                ReportAcceptance();
                return true;
            case ControlSessionKind.Match:
                if (await RepairAsync(pod, session.MatchId!.Value, isOwn: false, cancellationToken) is null)
                {
                    _ = PutBackLaterAsync(pod);
                }

                return false;
            case ControlSessionKind.Denied:
                catalog.Refuse(pod);
                await ReportDenialAsync(pod, cancellationToken);
                return false;
            default:
                _ = PutBackLaterAsync(pod);
                return false;
        }
    }

    /// <summary>Offers a pod to matches again when its server answers: a match that asked it in vain would lose two seconds.</summary>
    private async Task PutBackLaterAsync(GameServerPod pod)
    {
        do
        {
            await Task.Delay(SilencePause, time);
            if (catalog.Get(pod.Name) is not { IsStandby: true } now || now.Uid != pod.Uid)
            {
                return;
            }

            pod = now;
        }
        while ((await signer.AskAsync(pod, time, CancellationToken.None)).Kind == ControlSessionKind.Silent);

        catalog.PutBack(pod);
    }

    /// <summary>
    /// Relabels a standby pod if it still is one. The pod then belongs to this match alone, and its ReplicaSet creates another one. Null
    /// when another backend was faster, the pod is gone, or no pod can be claimed at present.
    /// </summary>
    private async Task<GameServerPod?> ClaimAsync(
        GameServerPod pod, Guid matchId, RetryGate.Turn turn, CancellationToken cancellationToken)
    {
        var answer = await calls.PatchPodAsync(pod.Name, PodPatch.Claim(pod, matchId, identity, tickets.KeyIds), cancellationToken);
        var (refusal, isRefused) = (answer.Reason, answer.Refused is not null);
        if (answer.Value is null && answer.Refused is not null)
        {
            // If the first answer was lost, the retry finds the pod no longer on standby, but the pod may be ours.
            answer = await calls.ReadPodAsync(pod.Name, cancellationToken);
        }

        if (answer.Value is not { } patched)
        {
            if (answer.Refused != HttpStatusCode.NotFound)
            {
                _isRefused = isRefused;
                turn.Refused(refusal);
                catalog.PutBack(pod);
            }

            // The pod is gone, or an obstacle says once for all matches why the API server cannot be asked.
            Log.NotClaimed(logger, pod.Name, matchId, answer.Reason);
            return null;
        }

        var claimed = GameServerPod.Of(patched);
        var isStandby = claimed is { IsStandby: true, Gone: null };
        if (!isStandby)
        {
            _isRefused = false; // Before others hear of the pod, who may claim again.
        }

        Know(claimed);
        if (isStandby)
        {
            if (pod.HasAnnotations || claimed.ResourceVersion == pod.ResourceVersion)
            {
                _isRefused = true;
                turn.Refused(refusal); // Nobody else has it, and no change was in the way, so the refusal is not about this pod.
            }

            catalog.PutBack(claimed);
            return null;
        }

        turn.Succeeded();
        return claimed.MatchId == matchId && claimed.Gone is null ? claimed : null;
    }

    private void Know(GameServerPod pod)
    {
        if (pod.IsForeignTo(identity.Queue))
        {
            catalog.Forget(pod);
        }
        else
        {
            catalog.Set(pod);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PodReturned, LogLevel.Information, "Pod {Pod} is on standby again: match {MatchId} could not use it now")]
        public static partial void Returned(ILogger logger, string pod, Guid matchId);

        [LoggerMessage(EventIds.PodRepaired, LogLevel.Warning,
            "Restored the labels and annotations of pod {Pod}, which has match {MatchId}: they had been changed")]
        public static partial void Repaired(ILogger logger, string pod, Guid matchId);

        [LoggerMessage(EventIds.PodSilent, LogLevel.Warning, "Pod {Pod} is on standby but does not answer on its control port")]
        public static partial void Silent(ILogger logger, string pod);

        [LoggerMessage(EventIds.NotClaimed, LogLevel.Debug, "Cannot claim pod {Pod} for match {MatchId}: {Reason}")]
        public static partial void NotClaimed(ILogger logger, string pod, Guid matchId, string reason);
    }
}
