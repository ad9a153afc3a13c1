namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Deletes the pods that no backend has claimed. Every backend does so, because none of them has such a pod. Not thread-safe.</summary>
internal sealed partial class OrphanedPods(
    MatchPods pods, PodCatalog catalog, ControlSigner signer, TimeProvider time, ILogger<OrphanedPods> logger)
{
    /// <summary>
    /// How long a pod may be unclear before it is an orphan. Longer than the reconcilers of all queues need to find a match on it. It has longer
    /// unless its server says that it has no match: one that does not answer may only be busy.
    /// </summary>
    private static readonly TimeSpan LongestUnclear = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestUnclearUnlessFree = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, long> _unclearSince = new(StringComparer.Ordinal);

    /// <summary>
    /// Ends claimed pods that say neither which match they have nor of which queue, and that no queue's reconciler has repaired.
    /// </summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        var unclear = catalog.All.Where(pod => pod is { IsUnclear: true, Gone: null }).ToDictionary(pod => pod.Uid);
        foreach (var uid in _unclearSince.Keys.Where(uid => !unclear.ContainsKey(uid)).ToArray())
        {
            _unclearSince.Remove(uid);
        }

        foreach (var pod in unclear.Values)
        {
            if (_unclearSince.TryAdd(pod.Uid, time.GetTimestamp()) || time.GetElapsedTime(_unclearSince[pod.Uid]) < LongestUnclear)
            {
                continue;
            }

            var session = await signer.AskAsync(pod, time, cancellationToken);
            var isFree = session.Kind == ControlSessionKind.Standby;
            if ((isFree || time.GetElapsedTime(_unclearSince[pod.Uid]) >= LongestUnclearUnlessFree)
                && await pods.DeleteAsync(pod, cancellationToken))
            {
                Log.Unclear(logger, pod.Name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnclearPod, LogLevel.Warning,
            "Pod {Pod} is neither on standby nor a match's of any queue: its labels or annotations have been changed. The pod is deleted")]
        public static partial void Unclear(ILogger logger, string pod);
    }
}
