using System.Threading.Channels;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The game servers' pods of all backends, in their last known state. Every change wakes the callers that wait for one.</summary>
internal sealed class PodCatalog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GameServerPod> _pods = new(StringComparer.Ordinal);

    /// <summary>By pod name: the number of the change that last updated the pod.</summary>
    private readonly Dictionary<string, long> _heardWith = new(StringComparer.Ordinal);

    /// <summary>Uids of standby pods that this backend has tried to claim, before the outcome is known.</summary>
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    /// <summary>Uids of claimed pods that this backend has given up, before the API server reports them gone.</summary>
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);

    /// <summary>Uids of claimed pods whose end has been reported.</summary>
    private readonly HashSet<string> _toldGone = new(StringComparer.Ordinal);

    private readonly Channel<GameServerPod> _gone = Channel.CreateUnbounded<GameServerPod>();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _changes;

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
                return [.. _pods.Values];
            }
        }
    }

    public int StandbyCount
    {
        get
        {
            lock (_lock)
            {
                return _pods.Values.Count(IsFree);
            }
        }
    }

    public int ClaimedCount
    {
        get
        {
            lock (_lock)
            {
                return _pods.Values.Count(pod => pod is { MatchId: not null, Gone: null });
            }
        }
    }

    /// <summary>Pods that had a match and no longer serve it, each reported once.</summary>
    public IAsyncEnumerable<GameServerPod> GoneAsync(CancellationToken cancellationToken) => _gone.Reader.ReadAllAsync(cancellationToken);

    public GameServerPod? Get(string name)
    {
        lock (_lock)
        {
            return _pods.GetValueOrDefault(name);
        }
    }

    /// <summary>A pod that serves this match or is about to; null when there is none.</summary>
    public GameServerPod? Find(Guid matchId)
    {
        lock (_lock)
        {
            return _pods.Values.FirstOrDefault(pod => pod.MatchId == matchId && pod.Gone is null && !_givenUp.Contains(pod.Uid));
        }
    }

    /// <summary>
    /// Makes this backend's next try for the match find another pod. This pod is not deleted yet, since another backend
    /// may have assigned it meanwhile.
    /// </summary>
    public void GiveUp(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            _givenUp.Add(pod.Uid);
        }
    }

    public bool IsGivenUp(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            return _givenUp.Contains(pod.Uid);
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
            var free = _pods.Values.Where(IsFree).ToArray();
            if (free.Length == 0)
            {
                return null;
            }

            var pod = free[Random.Shared.Next(free.Length)];
            _tried.Add(pod.Uid);
            return pod;
        }
    }

    /// <summary>Puts back a pod that was never tried, because the API server was unavailable.</summary>
    public void PutBack(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            _tried.Remove(pod.Uid);
        }

        Wake();
    }

    /// <summary>
    /// Takes over a list of all pods. A pod that is not in the list is gone, unless this backend created or claimed it
    /// while the list was on its way.
    /// </summary>
    /// <param name="pods">The list.</param>
    /// <param name="since"><see cref="Changes"/> before the list was requested.</param>
    public void Replace(IReadOnlyCollection<GameServerPod> pods, long since)
    {
        ArgumentNullException.ThrowIfNull(pods);
        lock (_lock)
        {
            var names = pods.Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var pod in _pods.Values.Where(pod => !names.Contains(pod.Name) && _heardWith[pod.Name] <= since).ToArray())
            {
                Drop(pod);
            }

            foreach (var pod in pods.Where(pod => !IsOutdated(pod, since)))
            {
                Put(pod);
            }
        }

        _listed.TrySetResult();
        Wake();
    }

    public void Set(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            Put(pod);
        }

        Wake();
    }

    public void Remove(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            if (_pods.TryGetValue(pod.Name, out var known) && known.Uid == pod.Uid)
            {
                Drop(pod);
            }
        }

        Wake();
    }

    /// <summary>Waits until <paramref name="find"/> finds something. It is called at once, and again at every change.</summary>
    public async Task<T> WaitAsync<T>(Func<PodCatalog, T?> find, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                change = _change.Task;
            }

            if (find(this) is { } found)
            {
                return found;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private bool IsFree(GameServerPod pod) => pod is { IsStandby: true, IsReady: true, Gone: null } && !_tried.Contains(pod.Uid);

    /// <summary>
    /// Whether the list shows a pod as it was before this backend claimed it, or a pod whose name now belongs to another pod. No other
    /// difference counts, since the list may be the newer one. The watch that follows starts from the list: it repeats the changes after
    /// the list, but not those before it.
    /// </summary>
    private bool IsOutdated(GameServerPod listed, long since) =>
        _pods.TryGetValue(listed.Name, out var known) && _heardWith[listed.Name] > since
        && (known.Uid != listed.Uid || (known.MatchId is not null && listed.MatchId is null));

    private void Put(GameServerPod pod)
    {
        if (_pods.TryGetValue(pod.Name, out var before) && before.Uid != pod.Uid)
        {
            Drop(before); // The end of the old pod and the start of a new one with its name arrived as one change.
            before = null;
        }

        _heardWith[pod.Name] = ++_changes;

        // The readers of its end know the pod by its address, which a failed pod may have lost.
        _pods[pod.Name] = pod.Ip.Length == 0 && before is not null ? pod with { Ip = before.Ip, HostIp = before.HostIp } : pod;
        if (pod.Gone is not null)
        {
            TellGone(_pods[pod.Name]);
        }
    }

    private void Drop(GameServerPod pod)
    {
        _pods.Remove(pod.Name);
        _heardWith.Remove(pod.Name);
        TellGone(pod);
        _tried.Remove(pod.Uid);
        _givenUp.Remove(pod.Uid);
        _toldGone.Remove(pod.Uid);
    }

    private void TellGone(GameServerPod pod)
    {
        if (pod.MatchId is not null && _toldGone.Add(pod.Uid))
        {
            _gone.Writer.TryWrite(pod);
        }
    }

    private void Wake()
    {
        TaskCompletionSource change;
        lock (_lock)
        {
            (change, _change) = (_change, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        change.SetResult();
    }
}
