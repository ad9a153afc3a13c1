using System.Threading.Channels;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// The pods that the <see cref="PodCatalog"/> knows, by name, and how lists and changes from the cluster update them. Guarded by the
/// catalog's lock, except for <see cref="GoneAsync"/>.
/// </summary>
internal sealed class PodTable
{
    private readonly Dictionary<string, CatalogedPod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GameServerPod> _foreign = new(StringComparer.Ordinal);
    private readonly StandbyShares _shares = new();
    private readonly Channel<GameServerPod> _gone = Channel.CreateUnbounded<GameServerPod>();

    /// <summary>The number of changes so far.</summary>
    public long Changes { get; private set; }

    /// <summary>The pods of this queue, and those that no queue has claimed.</summary>
    public IReadOnlyCollection<CatalogedPod> Own => _pods.Values;

    /// <summary>The pods that other queues have claimed.</summary>
    public IReadOnlyCollection<GameServerPod> Foreign => _foreign.Values;

    /// <summary>Own pods that had a match and no longer serve it, each reported once.</summary>
    public IAsyncEnumerable<GameServerPod> GoneAsync(CancellationToken cancellationToken) => _gone.Reader.ReadAllAsync(cancellationToken);

    public CatalogedPod? Find(string name) => _pods.GetValueOrDefault(name);

    /// <summary>Null if another pod has the name now.</summary>
    public CatalogedPod? Find(GameServerPod pod) => Find(pod.Name) is { } known && known.Pod.Uid == pod.Uid ? known : null;

    /// <summary>The free pods that are a backend's to take first, or all if none is.</summary>
    public CatalogedPod[] FreeFor(string backend)
    {
        CatalogedPod[] free = [.. Own.Where(known => known.IsFree)];
        var own = _shares.Own(backend, free, Changes);
        return own.Length > 0 ? own : free;
    }

    /// <inheritdoc cref="PodCatalog.Replace"/>
    public void Replace(IReadOnlyCollection<GameServerPod> pods, long since, IReadOnlyCollection<GameServerPod> foreign)
    {
        _foreign.Clear();
        foreach (var pod in foreign.Where(pod => Find(pod.Name)?.IsNewerThan(pod, since) != true))
        {
            WriteForeign(pod);
        }

        var names = pods.Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var missing in Own.Where(known => !names.Contains(known.Pod.Name) && known.LastChange <= since).ToArray())
        {
            Drop(missing);
        }

        foreach (var pod in pods.Where(pod => Find(pod.Name)?.IsNewerThan(pod, since) != true))
        {
            Write(pod);
        }
    }

    /// <summary>Ignores a state that is older than the known one: it would undo a claim.</summary>
    public void Put(GameServerPod pod)
    {
        if (!IsOutdated(pod))
        {
            Write(pod);
        }
    }

    /// <inheritdoc cref="Put"/>
    public void PutForeign(GameServerPod pod)
    {
        if (!IsOutdated(pod))
        {
            WriteForeign(pod);
        }
    }

    public void Remove(GameServerPod pod)
    {
        _foreign.Remove(pod.Name);
        if (Find(pod) is { } known)
        {
            known.Update(pod, ++Changes);
            Drop(known);
        }
    }

    /// <inheritdoc cref="PodCatalog.ReportEnd"/>
    public void ReportEnd(GameServerPod pod, string why)
    {
        if (Find(pod) is { } known)
        {
            ReportEnd(known, known.Pod with { Gone = why });
        }
    }

    private bool IsOutdated(GameServerPod pod) =>
        (Find(pod.Name)?.Pod ?? _foreign.GetValueOrDefault(pod.Name)) is { } known && pod.IsOlderThan(known);

    private void Write(GameServerPod pod)
    {
        if (Find(pod) is not { } known)
        {
            if (Find(pod.Name) is { } before)
            {
                Drop(before); // The end of the old pod and the start of a new one with its name arrived as one change.
            }

            _pods[pod.Name] = known = new CatalogedPod(pod);
        }

        _foreign.Remove(pod.Name);
        known.Update(pod, ++Changes);
        ShareWith(pod);
        if (pod.Gone is not null)
        {
            ReportEnd(known);
        }
    }

    private void WriteForeign(GameServerPod pod)
    {
        _foreign[pod.Name] = pod;
        ShareWith(pod);
        if (Find(pod) is not null)
        {
            _pods.Remove(pod.Name);
        }
    }

    private void ShareWith(GameServerPod pod)
    {
        if (pod is { MatchId: not null, Backend: { } backend, Gone: null })
        {
            _shares.Saw(backend, Changes);
        }
    }

    private void Drop(CatalogedPod known)
    {
        _pods.Remove(known.Pod.Name);
        ReportEnd(known);
    }

    private void ReportEnd(CatalogedPod known) => ReportEnd(known, known.Pod);

    private void ReportEnd(CatalogedPod known, GameServerPod last)
    {
        if (known is { Pod.MatchId: not null, IsReported: false })
        {
            known.IsReported = true;
            _gone.Writer.TryWrite(last);
        }
    }
}
