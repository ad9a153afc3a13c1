namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Deletes the pods that no backend looks after: those that say neither which match they have nor of which queue, and those of a queue that
/// has no backends any more. Every backend does so, because none of them has claimed such a pod. Not thread-safe.
/// </summary>
internal sealed partial class OrphanedPods(
    MatchPods pods, PodCatalog catalog, ControlSigner signer, TimeProvider time, ILogger<OrphanedPods> logger)
{
    /// <summary>
    /// How long a pod may be unclear before it is an orphan. Longer than the reconcilers of all queues need to find a match on it. It has
    /// longer unless its server says that it has no match: one that does not answer may only be busy.
    /// </summary>
    private static readonly TimeSpan LongestUnclear = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestUnclearUnlessFree = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long the backend of another queue's pod may be gone before the pod is looked at, and the time between two looks. That queue's
    /// other backends need far less to take over the claim, or to delete the pod.
    /// </summary>
    private static readonly TimeSpan LongestLeft = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, long> _unclearSince = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _leftSince = new(StringComparer.Ordinal);

    /// <summary>Deletes the pods that have been orphans for long enough.</summary>
    /// <param name="others">The names of the other backends that are alive, of any queue; null while that is unknown.</param>
    /// <param name="cancellationToken">Cancels the round.</param>
    public async Task EndAsync(IReadOnlySet<string>? others, CancellationToken cancellationToken)
    {
        foreach (var pod in FindOverdue(_unclearSince, catalog.All.Where(pod => pod.IsUnclear), LongestUnclear))
        {
            var mayGo = pod.Gone is not null || time.GetElapsedTime(_unclearSince[pod.Uid]) >= LongestUnclearUnlessFree;
            if ((mayGo || await IsFreeAsync(pod, cancellationToken)) && await pods.DeleteAsync(pod, cancellationToken))
            {
                Log.Unclear(logger, pod.Name);
            }
        }

        var left = others is null ? [] : catalog.Foreign.Where(pod => !others.Contains(pod.Backend ?? "") && !pod.IsSetAside);
        foreach (var pod in FindOverdue(_leftSince, left, LongestLeft))
        {
            _leftSince[pod.Uid] = time.GetTimestamp();
            if ((pod.Gone is not null || await IsFreeAsync(pod, cancellationToken)) && await pods.DeleteAsync(pod, cancellationToken))
            {
                Log.Left(logger, pod.Name, pod.Queue!);
            }
        }
    }

    private async Task<bool> IsFreeAsync(GameServerPod pod, CancellationToken cancellationToken) =>
        (await signer.AskAsync(pod, time, cancellationToken)).Kind == ControlSessionKind.Standby;

    /// <summary>Those of the pods that were among them in every round for so long.</summary>
    private GameServerPod[] FindOverdue(Dictionary<string, long> since, IEnumerable<GameServerPod> found, TimeSpan limit)
    {
        var byUid = found.ToDictionary(pod => pod.Uid);
        foreach (var uid in since.Keys.Where(uid => !byUid.ContainsKey(uid)).ToArray())
        {
            since.Remove(uid);
        }

        return [.. byUid.Values.Where(pod => !since.TryAdd(pod.Uid, time.GetTimestamp()) && time.GetElapsedTime(since[pod.Uid]) >= limit)];
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnclearPod, LogLevel.Warning,
            "Pod {Pod} is neither on standby nor assigned to a match of any queue: its labels or annotations have been changed. "
            + "The pod is deleted")]
        public static partial void Unclear(ILogger logger, string pod);

        [LoggerMessage(EventIds.LeftPod, LogLevel.Warning,
            "Pod {Pod} of queue {Queue} has no match, and the backend that claimed it is gone: the pod is deleted")]
        public static partial void Left(ILogger logger, string pod, string queue);
    }
}
