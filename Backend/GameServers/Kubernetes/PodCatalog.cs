namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The game servers' pods of all backends, in their last known state. Every change wakes the callers that wait for one.</summary>
internal sealed class PodCatalog
{
    private readonly Lock _lock = new();
    private readonly PodTable _pods = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChangeSignal _changed = new();

    /// <summary>Called when a pod was deleted or has ended: a quota may have room.</summary>
    public Action? RoomMade { get; set; }

    /// <summary>Completes when the catalog has been filled for the first time.</summary>
    public Task Listed => _listed.Task;

    /// <summary>
    /// The number of changes so far. Read it before requesting a list, because the list may miss any change from then on.
    /// </summary>
    public long Changes => Read(pods => pods.Changes);

    /// <summary>Why the pods cannot be listed, so that the catalog is no longer up to date; null while it is.</summary>
    public string? WhyStale { get; private set; }

    public IReadOnlyList<GameServerPod> All => Read<GameServerPod[]>(pods => [.. pods.Own.Select(known => known.Pod)]);

    /// <summary>The pods that other queues have claimed.</summary>
    public IReadOnlyList<GameServerPod> Foreign => Read<GameServerPod[]>(pods => [.. pods.Foreign]);

    /// <summary>The ports of nodes that pods of any queue have.</summary>
    public IReadOnlyCollection<int> HostPorts => Read<int[]>(pods =>
        [.. pods.Own.Select(known => known.Pod).Concat(pods.Foreign).Select(pod => pod.HostPort).OfType<int>()]);

    public int StandbyCount => Count(known => known.IsFree);

    /// <summary>Pods on standby, and pods created for one match, whose programs refuse this backend.</summary>
    public int RefusingCount => Count(known => known.HasRefused);

    /// <summary>Pods on standby whose servers are being asked whether they are free.</summary>
    public int AskedCount => Count(known => known.IsAsked);

    public int ClaimedCount => Count(known => known.Pod is { MatchId: not null, Gone: null });

    /// <summary>Pods that had a match and no longer serve it, each reported once.</summary>
    public IAsyncEnumerable<GameServerPod> GoneAsync(CancellationToken cancellationToken) => _pods.GoneAsync(cancellationToken);

    public GameServerPod? Get(string name) => Read(pods => pods.Find(name)?.Pod);

    /// <inheritdoc cref="CatalogedPod.Claim"/>
    public PodClaim? ClaimOf(GameServerPod pod) => Read(pods => pods.Find(pod)?.Claim);

    /// <summary>A pod that serves this match or is about to; null when there is none.</summary>
    public GameServerPod? Find(Guid matchId)
    {
        lock (_lock)
        {
            var ofMatch = _pods.Own.Where(known => known.Pod.MatchId == matchId);
            return ofMatch.FirstOrDefault(known => known is { Pod.Gone: null, IsAbandoned: false })?.Pod;
        }
    }

    /// <summary>
    /// Makes this backend's next try for the match find another pod. This pod is not deleted yet, since another backend
    /// may have assigned it meanwhile.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isAbandoned">False takes it up again.</param>
    public void Abandon(GameServerPod pod, bool isAbandoned = true)
    {
        lock (_lock)
        {
            _pods.Find(pod)?.IsAbandoned = isAbandoned;
        }
    }

    /// <summary>
    /// Keeps a pod for the match's next try, if it is still starting: another one would start no sooner. False for a pod that a try has
    /// waited for in vain twice.
    /// </summary>
    public bool Keep(GameServerPod pod)
    {
        lock (_lock)
        {
            if (_pods.Find(pod) is not { IsKept: false } known || !known.Pod.IsStarting)
            {
                return false;
            }

            return known.IsKept = true;
        }
    }

    public bool IsAbandoned(GameServerPod pod)
    {
        lock (_lock)
        {
            return _pods.Find(pod) is { IsAbandoned: true };
        }
    }

    /// <summary>
    /// A standby pod that was not tried yet: at random one of those that are this backend's to take first, or any if none is. Backends
    /// that all began with the same pod would only get in each other's way.
    /// </summary>
    public GameServerPod? TakeStandby(string backend)
    {
        lock (_lock)
        {
            var free = _pods.FreeFor(backend);
            if (free.Length == 0)
            {
                return null;
            }

            var taken = free[Random.Shared.Next(free.Length)];
            taken.IsTried = taken.IsAsked = true;
            return taken.Pod;
        }
    }

    /// <summary>Says that the server of a pod that was taken has answered, or has not.</summary>
    public void Asked(GameServerPod pod)
    {
        lock (_lock)
        {
            _pods.Find(pod)?.IsAsked = false;
        }

        _changed.Notify();
    }

    /// <summary>Says whether the server of a pod was silent when it was asked. Returns whether it is silent only since now.</summary>
    public bool SetSilent(GameServerPod pod, bool isSilent)
    {
        lock (_lock)
        {
            if (_pods.Find(pod) is not { } known)
            {
                return false;
            }

            (var wasSilent, known.IsSilent) = (known.IsSilent, isSilent);
            return isSilent && !wasSilent;
        }
    }

    /// <summary>Puts back a pod that was never tried, because the API server was unavailable.</summary>
    public void PutBack(GameServerPod pod)
    {
        lock (_lock)
        {
            _pods.Find(pod)?.IsTried = false;
        }

        _changed.Notify();
    }

    /// <summary>Does not give out this pod again until its program is started again, since it has refused this backend.</summary>
    public void Refuse(GameServerPod pod)
    {
        lock (_lock)
        {
            if (_pods.Find(pod) is { } known)
            {
                (known.RefusedAt, known.IsTried) = (known.Pod.Restarts, false);
            }
        }

        _changed.Notify();
    }

    /// <summary>Says that the pods cannot be listed at present.</summary>
    public void SetStale(string why) => WhyStale = why;

    /// <summary>
    /// Takes over a list of all pods. A pod that is not in the list is gone, unless this backend created or claimed it
    /// while the list was on its way.
    /// </summary>
    /// <param name="pods">The list, without the pods of other queues.</param>
    /// <param name="since"><see cref="Changes"/> before the list was requested.</param>
    /// <param name="foreign">The pods in the list that other queues have claimed.</param>
    public void Replace(IReadOnlyCollection<GameServerPod> pods, long since, IReadOnlyCollection<GameServerPod>? foreign = null)
    {
        ArgumentNullException.ThrowIfNull(pods);
        lock (_lock)
        {
            _pods.Replace(pods, since, foreign ?? []);
        }

        WhyStale = null;

        _listed.TrySetResult();
        RoomMade?.Invoke();
        _changed.Notify();
    }

    public void Set(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            _pods.Put(pod);
        }

        if (pod.Gone is not null)
        {
            RoomMade?.Invoke();
        }

        _changed.Notify();
    }

    public void Remove(GameServerPod pod)
    {
        lock (_lock)
        {
            _pods.Remove(pod);
        }

        RoomMade?.Invoke();
        _changed.Notify();
    }

    /// <summary>Reports the end of a match whose pod cannot be deleted.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="why">Why the match ends, in one sentence.</param>
    public void ReportEnd(GameServerPod pod, string why)
    {
        lock (_lock)
        {
            _pods.ReportEnd(pod, why);
        }
    }

    /// <summary>Another queue has claimed this pod, so it is of no use here. Its end is not this queue's to report.</summary>
    public void Forget(GameServerPod pod)
    {
        lock (_lock)
        {
            _pods.PutForeign(pod);
        }

        _changed.Notify();
    }

    /// <summary>Waits until the condition holds. It is checked at once, and again at every change.</summary>
    public async Task WaitUntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            if (condition())
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private int Count(Func<CatalogedPod, bool> condition) => Read(pods => pods.Own.Count(condition));

    private T Read<T>(Func<PodTable, T> read)
    {
        lock (_lock)
        {
            return read(_pods);
        }
    }
}
