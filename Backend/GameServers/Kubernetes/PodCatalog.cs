using System.Threading.Channels;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The game servers' pods of all backends, in their last known state. Every change wakes the callers that wait for one.</summary>
internal sealed class PodCatalog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CatalogedPod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GameServerPod> _foreign = new(StringComparer.Ordinal);
    private readonly Channel<GameServerPod> _gone = Channel.CreateUnbounded<GameServerPod>();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChangeSignal _changed = new();
    private long _changes;

    /// <summary>Called when a pod was deleted or has ended: a quota may have room.</summary>
    public Action? RoomMade { get; set; }

    /// <summary>Completes when the catalog has been filled for the first time.</summary>
    public Task Listed => _listed.Task;

    /// <summary>
    /// The number of changes so far. Read it before requesting a list, because the list may miss any change from then on.
    /// </summary>
    public long Changes
    {
        get
        {
            lock (_lock)
            {
                return _changes;
            }
        }
    }

    public IReadOnlyList<GameServerPod> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _pods.Values.Select(known => known.Pod)];
            }
        }
    }

    /// <summary>The ports of nodes that pods of any queue have.</summary>
    public IReadOnlyCollection<int> HostPorts
    {
        get
        {
            lock (_lock)
            {
                return [.. _pods.Values.Select(known => known.Pod).Concat(_foreign.Values).Select(pod => pod.HostPort).OfType<int>()];
            }
        }
    }

    public int StandbyCount => Count(known => known.IsFree);

    /// <summary>Pods on standby, and pods created for one match, whose programs refuse this backend.</summary>
    public int RefusingCount => Count(known => known.HasRefused);

    /// <summary>Pods on standby whose servers are being asked whether they are free.</summary>
    public int AskedCount => Count(known => known.IsAsked);

    public int ClaimedCount => Count(known => known.Pod is { MatchId: not null, Gone: null });

    /// <summary>Pods that had a match and no longer serve it, each reported once.</summary>
    public IAsyncEnumerable<GameServerPod> GoneAsync(CancellationToken cancellationToken) => _gone.Reader.ReadAllAsync(cancellationToken);

    public GameServerPod? Get(string name)
    {
        lock (_lock)
        {
            return _pods.GetValueOrDefault(name)?.Pod;
        }
    }

    /// <summary>A pod that serves this match or is about to; null when there is none.</summary>
    public GameServerPod? Find(Guid matchId)
    {
        lock (_lock)
        {
            var ofMatch = _pods.Values.Where(known => known.Pod.MatchId == matchId);
            return ofMatch.FirstOrDefault(known => known is { Pod.Gone: null, IsAbandoned: false })?.Pod;
        }
    }

    /// <summary>
    /// Makes this backend's next try for the match find another pod. This pod is not deleted yet, since another backend
    /// may have assigned it meanwhile.
    /// </summary>
    public void Abandon(GameServerPod pod)
    {
        lock (_lock)
        {
            Known(pod)?.IsAbandoned = true;
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
            if (Known(pod) is not { IsKept: false } known || !known.Pod.IsStarting)
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
            return Known(pod) is { IsAbandoned: true };
        }
    }

    /// <summary>
    /// A standby pod that was not tried yet, chosen at random: backends that all began with the same pod
    /// would only get in each other's way.
    /// </summary>
    public GameServerPod? TakeStandby()
    {
        lock (_lock)
        {
            var free = _pods.Values.Where(known => known.IsFree).ToArray();
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
            Known(pod)?.IsAsked = false;
        }

        _changed.Notify();
    }

    /// <summary>Puts back a pod that was never tried, because the API server was unavailable.</summary>
    public void PutBack(GameServerPod pod)
    {
        lock (_lock)
        {
            Known(pod)?.IsTried = false;
        }

        _changed.Notify();
    }

    /// <summary>Does not give out this pod again until its program is started again, since it has refused this backend.</summary>
    public void Refuse(GameServerPod pod)
    {
        lock (_lock)
        {
            if (Known(pod) is { } known)
            {
                (known.RefusedAt, known.IsTried) = (known.Pod.Restarts, false);
            }
        }

        _changed.Notify();
    }

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
            _foreign.Clear();
            foreach (var pod in foreign ?? [])
            {
                if (_pods.GetValueOrDefault(pod.Name) is not { } known || known.LastChange <= since)
                {
                    PutForeign(pod);
                }
            }

            var names = pods.Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var missing in _pods.Values.Where(known => !names.Contains(known.Pod.Name) && known.LastChange <= since).ToArray())
            {
                Drop(missing);
            }

            foreach (var pod in pods.Where(pod => _pods.GetValueOrDefault(pod.Name)?.IsNewerThan(pod, since) != true))
            {
                Put(pod);
            }
        }

        _listed.TrySetResult();
        RoomMade?.Invoke();
        _changed.Notify();
    }

    public void Set(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            Put(pod);
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
            _foreign.Remove(pod.Name);
            if (Known(pod) is { } known)
            {
                known.Update(pod, ++_changes);
                Drop(known);
            }
        }

        RoomMade?.Invoke();
        _changed.Notify();
    }

    /// <summary>Another queue has claimed this pod, so it is of no use here. Its end is not this queue's to report.</summary>
    public void Forget(GameServerPod pod)
    {
        lock (_lock)
        {
            PutForeign(pod);
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

    private int Count(Func<CatalogedPod, bool> condition)
    {
        lock (_lock)
        {
            return _pods.Values.Count(condition);
        }
    }

    private CatalogedPod? Known(GameServerPod pod) => _pods.TryGetValue(pod.Name, out var known) && known.Pod.Uid == pod.Uid ? known : null;

    private void Put(GameServerPod pod)
    {
        if (Known(pod) is not { } known)
        {
            if (_pods.TryGetValue(pod.Name, out var before))
            {
                Drop(before); // The end of the old pod and the start of a new one with its name arrived as one change.
            }

            _pods[pod.Name] = known = new CatalogedPod(pod);
        }

        _foreign.Remove(pod.Name);
        known.Update(pod, ++_changes);
        if (pod.Gone is not null)
        {
            ReportEnd(known);
        }
    }

    private void PutForeign(GameServerPod pod)
    {
        _foreign[pod.Name] = pod;
        if (Known(pod) is not null)
        {
            _pods.Remove(pod.Name);
        }
    }

    private void Drop(CatalogedPod known)
    {
        _pods.Remove(known.Pod.Name);
        ReportEnd(known);
    }

    private void ReportEnd(CatalogedPod known)
    {
        if (known is { Pod.MatchId: not null, IsReported: false })
        {
            known.IsReported = true;
            _gone.Writer.TryWrite(known.Pod);
        }
    }
}
