using System.Threading.Channels;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The game servers' pods as last heard of, those of all backends. Who waits for a change is woken by it.</summary>
internal sealed class PodCatalog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GameServerPod> _pods = new(StringComparer.Ordinal);

    /// <summary>By name: which change each pod was last heard of with.</summary>
    private readonly Dictionary<string, long> _heardWith = new(StringComparer.Ordinal);

    /// <summary>Uids of standby pods that this backend has tried to claim: what comes of it is heard later.</summary>
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    /// <summary>Uids of claimed pods that are given up here, before the API server says that they are.</summary>
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);

    /// <summary>Uids of claimed pods whose end was told.</summary>
    private readonly HashSet<string> _toldGone = new(StringComparer.Ordinal);

    private readonly Channel<GameServerPod> _gone = Channel.CreateUnbounded<GameServerPod>();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _changes;

    /// <summary>Completes when it was filled for the first time.</summary>
    public Task Listed => _listed.Task;

    /// <summary>How many changes there have been: who asks for a list reads it before, since what changes from then on the list may not know.</summary>
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

    /// <summary>Pods that had a match and serve it no more, each once.</summary>
    public IAsyncEnumerable<GameServerPod> GoneAsync(CancellationToken cancellationToken) => _gone.Reader.ReadAllAsync(cancellationToken);

    public GameServerPod? Get(string name)
    {
        lock (_lock)
        {
            return _pods.GetValueOrDefault(name);
        }
    }

    /// <summary>A pod that serves this match or is on its way to; null when there is none.</summary>
    public GameServerPod? Find(Guid matchId)
    {
        lock (_lock)
        {
            return _pods.Values.FirstOrDefault(pod => pod.MatchId == matchId && pod.Gone is null && !_givenUp.Contains(pod.Uid));
        }
    }

    /// <summary>This backend's next try for its match is to find another one. It is not deleted yet: another backend may have assigned it meanwhile.</summary>
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

    /// <summary>One that stands by and was not tried yet. Any of them: backends that all began with the same one would only get in each other's way.</summary>
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

    /// <summary>It was never tried: the API server was away.</summary>
    public void PutBack(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        lock (_lock)
        {
            _tried.Remove(pod.Uid);
        }

        Wake();
    }

    /// <summary>All that there are, from a list: what is not among them is gone, unless this backend has made or claimed it while the list was on its way.</summary>
    /// <param name="pods">The list.</param>
    /// <param name="since"><see cref="Changes"/> before it was asked for.</param>
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

    /// <summary>Waits until <paramref name="find"/> finds something; it is asked at once, and then at every change.</summary>
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
    /// Whether the list shows a pod as it was before this backend claimed it, or one whose name another has by now. No other difference counts, since
    /// it may be the list that is newer, and the watch that follows begins with the list: what has changed after it is heard again, what came before is not.
    /// </summary>
    private bool IsOutdated(GameServerPod listed, long since) =>
        _pods.TryGetValue(listed.Name, out var known) && _heardWith[listed.Name] > since
        && (known.Uid != listed.Uid || (known.MatchId is not null && listed.MatchId is null));

    private void Put(GameServerPod pod)
    {
        if (_pods.TryGetValue(pod.Name, out var before) && before.Uid != pod.Uid)
        {
            Drop(before); // Its end and the beginning of the next of its name came together.
            before = null;
        }

        _heardWith[pod.Name] = ++_changes;

        // Who is told of its end knows it by its address, which a failed pod may have lost.
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
