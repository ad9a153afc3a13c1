namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>A pod in the <see cref="PodCatalog"/>, with what this backend knows and has done about it.</summary>
internal sealed class CatalogedPod(GameServerPod pod)
{
    public GameServerPod Pod { get; private set; } = pod;

    /// <summary>What the pod's claim has written on it, even if somebody has removed it; null on standby.</summary>
    public PodClaim? Claim { get; private set; }

    /// <summary>The number of the catalog's change that last updated the pod.</summary>
    public long LastChange { get; private set; }

    /// <summary>Whether this backend has tried to claim the pod; the outcome may be unknown.</summary>
    public bool IsTried { get; set; }

    /// <summary>Whether this backend is asking the pod's server whether it is free.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether the pod's server has not answered this backend when it was last asked.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How often the pod's program had restarted when it refused this backend for good; null if it never did.</summary>
    public int? RefusedAt { get; set; }

    /// <summary>Whether this backend has abandoned the pod, which the API server may not report as gone yet.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Whether a try ran out of time while the pod was starting, so that the next one waits for it.</summary>
    public bool IsKept { get; set; }

    /// <summary>Whether the pod's end has been reported.</summary>
    public bool IsReported { get; set; }

    public bool IsFree => Pod is { IsStandby: true, IsReady: true, Gone: null } && !IsTried && !HasRefused;

    /// <summary>Whether the pod is of no use here, since its program has refused this backend and was not started again since.</summary>
    public bool HasRefused => Pod.Gone is null && RefusedAt == Pod.Restarts && (Pod.IsStandby || !Pod.IsFromPool);

    public void Update(GameServerPod pod, long change)
    {
        LastChange = change;
        Claim = PodClaim.Of(pod, Claim);
        IsTried &= pod.IsStandby; // A backend that claims a pod may put it back on standby.

        // The readers of its end know the pod by its address, which a failed pod may have lost.
        Pod = pod.Ip.Length == 0 ? pod with { Ip = Pod.Ip, HostIp = Pod.HostIp } : pod;
    }

    /// <summary>
    /// Whether a list shows an older state of this pod, such as that before this backend claimed it, or a pod whose name now belongs to
    /// this one. The watch that follows starts from the list: it repeats the changes after the list, but not those before it. A list that
    /// was requested after the last change is right in any case, also when a restored etcd counts its versions from an earlier one.
    /// </summary>
    /// <param name="listed">The pod of this name in the list.</param>
    /// <param name="since">The number of changes before the list was requested.</param>
    public bool IsNewerThan(GameServerPod listed, long since) =>
        LastChange > since && (Pod.Uid != listed.Uid || listed.IsOlderThan(Pod));
}
