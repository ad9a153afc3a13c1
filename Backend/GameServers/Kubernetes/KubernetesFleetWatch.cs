using System.Collections.Concurrent;
using GameStack.Backend.Background;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Ends servers that hang, servers that play on past their match's length and servers that players cannot reach, repairs what somebody has
/// edited by hand, and deletes pods that no longer serve any players. Each backend looks after the pods that it claimed and the pods whose
/// backend is gone.
/// </summary>
internal sealed partial class KubernetesFleetWatch(
    MatchPods pods, StandbyPods standby, PodCatalog catalog, PlayerRoutes routes, ControlSigner signer, KubernetesCalls calls,
    BackendIdentity identity, IOptions<GameServersOptions> options, TimeProvider time, ILogger<KubernetesFleetWatch> logger)
    : RepeatingService("check the game servers", time, logger, options.Value.WatchPeriod)
{
    private const int ProbesAtOnce = 32;
    private const string BackendLabels = $"{PodNames.App}=backend";

    /// <summary>
    /// How long a pod may be unclear before it is an orphan. Longer than the reconcilers of all queues need to find a match on it, at least
    /// when its server says that it has one.
    /// </summary>
    private static readonly TimeSpan LongestUnclear = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestUnclearWithMatch = TimeSpan.FromMinutes(5);

    private readonly GameServersOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, ServerRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unclearSince = new(StringComparer.Ordinal);

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var mine = await FindMineAsync(stoppingToken);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = stoppingToken };
        await routes.RepairAsync(mine, stoppingToken);
        await Parallel.ForEachAsync(mine, parallel, CheckAsync);
        foreach (var (pod, why) in routes.FindBroken(mine))
        {
            await EndAsync(pod, why, stoppingToken);
        }

        ForgetAllBut(mine);
        await EndUnclearAsync(stoppingToken);
    }

    /// <summary>The claimed pods that this backend looks after; only its own while the backends cannot be listed.</summary>
    private async Task<IReadOnlyList<GameServerPod>> FindMineAsync(CancellationToken cancellationToken)
    {
        var backends = await calls.ListPodsAsync(BackendLabels, cancellationToken);
        return FindMine(catalog.All, backends.Value?.Items, identity.Name);
    }

    /// <param name="pods">The game servers' pods.</param>
    /// <param name="backends">The backends' pods; null while they cannot be listed.</param>
    /// <param name="me">This backend's name.</param>
    internal static IReadOnlyList<GameServerPod> FindMine(IEnumerable<GameServerPod> pods, IEnumerable<V1Pod>? backends, string me)
    {
        var others = backends?.Where(IsAlive).Select(pod => pod.Metadata.Name).Where(name => name != me).ToHashSet(StringComparer.Ordinal);
        return [.. pods.Where(pod => pod.MatchId is not null
            && (pod.Backend == me || (others is not null && !others.Contains(pod.Backend ?? ""))))];
    }

    /// <summary>
    /// A pod that was evicted or that its node has ended may stay for a long time: only its phase shows that it no longer runs.
    /// </summary>
    private static bool IsAlive(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Failed" or "Succeeded");

    private async ValueTask CheckAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        if (pod.Gone is not null)
        {
            await pods.DeleteAsync(pod, cancellationToken);
            return;
        }

        if (!pod.IsStarted)
        {
            return; // The backend that waits for this pod limits how long it waits.
        }

        var health = await signer.ClientFor(pod).ReadHealthAsync(_options.WatchTimeout, Time, cancellationToken)
            ?? await new GamePortClient(pod.Ip, pod.GamePort).ReadHealthAsync(_options.WatchTimeout, Time, cancellationToken);
        if (_records.GetOrAdd(pod.Uid, _ => new ServerRecord(_options, Time)).Judge(health) is { } why)
        {
            await EndAsync(pod, why, cancellationToken);
            return;
        }

        // A pod without a queue is left to the backend that has claimed it, or to the reconciler of the queue that has its match.
        if ((pod.IsMislabelled && pod.Queue is not null) || (pod.Queue is null && pod.Backend == identity.Name))
        {
            await standby.RepairAsync(pod, pod.MatchId!.Value, isOwn: true, cancellationToken);
        }

        if (health is not null)
        {
            await routes.TryAsync(pod, health.Value, cancellationToken);
        }
    }

    private async Task EndAsync(GameServerPod pod, string why, CancellationToken cancellationToken)
    {
        Log.Ending(Logger, pod.MatchId!.Value, pod.Name, why);
        await pods.DeleteAsync(pod, cancellationToken);
    }

    /// <summary>
    /// Ends claimed pods that say neither which match they have nor of which queue, and that no queue's reconciler has repaired. Every
    /// backend does so, because none of them has claimed such a pod.
    /// </summary>
    private async Task EndUnclearAsync(CancellationToken cancellationToken)
    {
        var unclear = catalog.All.Where(pod => pod is { IsUnclear: true, Gone: null }).ToDictionary(pod => pod.Uid);
        foreach (var uid in _unclearSince.Keys.Where(uid => !unclear.ContainsKey(uid)).ToArray())
        {
            _unclearSince.Remove(uid);
        }

        foreach (var pod in unclear.Values)
        {
            if (_unclearSince.TryAdd(pod.Uid, Time.GetTimestamp()) || Time.GetElapsedTime(_unclearSince[pod.Uid]) < LongestUnclear)
            {
                continue;
            }

            var session = await signer.AskAsync(pod, Time, cancellationToken);
            var mayPlay = session.Kind is ControlSessionKind.Match or ControlSessionKind.Denied;
            if ((!mayPlay || Time.GetElapsedTime(_unclearSince[pod.Uid]) >= LongestUnclearWithMatch)
                && await pods.DeleteAsync(pod, cancellationToken))
            {
                Log.Unclear(Logger, pod.Name);
            }
        }
    }

    private void ForgetAllBut(IEnumerable<GameServerPod> seen)
    {
        var uids = seen.Select(pod => pod.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var uid in _records.Keys.Where(uid => !uids.Contains(uid)))
        {
            _records.TryRemove(uid, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnclearPod, LogLevel.Warning,
            "Pod {Pod} is neither on standby nor a match's of any queue: its labels or annotations have been changed. The pod is deleted")]
        public static partial void Unclear(ILogger logger, string pod);

        [LoggerMessage(EventIds.KubernetesFleetWatchEnding, LogLevel.Warning,
            "Ending the game server of match {MatchId}, pod {Pod}: {Why}")]
        public static partial void Ending(ILogger logger, Guid matchId, string pod, string why);
    }
}
