using System.Threading.Channels;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The game servers' pods of all backends, in their last known state. Every change wakes the callers that wait for one.</summary>
internal sealed class PodCatalog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CatalogedPod> _pods = new(StringComparer.Ordinal);
    private readonly Channel<GameServerPod> _gone = Channel.CreateUnbounded<GameServerPod>();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChangeSignal _changed = new();
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
                return [.. _pods.Values.Select(known => known.Pod)];
            }
        }
    }

    public int StandbyCount => Count(known => known.IsFree);

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
            taken.IsTried = true;
            return taken.Pod;
        }
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
        _changed.Notify();
    }

    public void Set(GameServerPod pod)
    {
        lock (_lock)
        {
            Put(pod);
        }

        _changed.Notify();
    }

    public void Remove(GameServerPod pod)
    {
        lock (_lock)
        {
            if (Known(pod) is { } known)
            {
                known.Update(pod, ++_changes);
                Drop(known);
            }
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

        known.Update(pod, ++_changes);
        if (pod.Gone is not null)
        {
            ReportEnd(known);
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
