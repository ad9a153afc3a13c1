using System.Collections.Concurrent;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Ends servers that hang and servers that play on past their match's length, and deletes pods that no longer serve any players. Each
/// backend looks after the pods that it claimed and the pods whose backend is gone.
/// </summary>
internal sealed partial class KubernetesFleetWatch(
    KubernetesFleet fleet, MatchPods pods, PodCatalog catalog, PodAddress addresses, KubernetesCalls calls, KubernetesPlace place,
    IOptions<GameServersOptions> options, TimeProvider time, ILogger<KubernetesFleetWatch> logger) : BackgroundService
{
    private const int ProbesAtOnce = 32;
    private const string BackendLabels = $"{PodNames.App}=backend";

    private readonly GameServersOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, ServerRecord> _records = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.WatchPeriod, time);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = stoppingToken };
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var mine = await FindMineAsync(stoppingToken);
                await Parallel.ForEachAsync(mine, parallel, SeeToAsync);
                ForgetBut(mine);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, e);
            }
        }
    }

    /// <summary>The claimed pods that this backend looks after; only its own while the backends cannot be listed.</summary>
    private async Task<IReadOnlyList<GameServerPod>> FindMineAsync(CancellationToken cancellationToken)
    {
        var backends = await calls.ListPodsAsync(BackendLabels, cancellationToken);
        return FindMine(catalog.All, backends.Value?.Items, place.Backend);
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

    private async ValueTask SeeToAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        if (pod.Gone is not null)
        {
            await pods.DeleteAsync(pod, cancellationToken);
            return;
        }

        if (!pod.IsStarted)
        {
            return; // The backend that waits for this pod gives up in time.
        }

        var target = fleet.Target(pod, addresses.Known(pod));
        var health = await GameServerProbe.AskAsync(target, _options.WatchTimeout, time, cancellationToken);
        if (_records.GetOrAdd(pod.Uid, _ => new ServerRecord(_options, time)).Judge(health) is { } why)
        {
            Log.Ended(logger, pod.MatchId!.Value, pod.Name, why);
            await pods.DeleteAsync(pod, cancellationToken);
        }
    }

    private void ForgetBut(IEnumerable<GameServerPod> seen)
    {
        var uids = seen.Select(pod => pod.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var uid in _records.Keys.Where(uid => !uids.Contains(uid)))
        {
            _records.TryRemove(uid, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(457, LogLevel.Error, "The game servers could not be seen to; trying on")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(456, LogLevel.Warning, "The game server of match {MatchId}, pod {Pod}, is ended: {Why}")]
        public static partial void Ended(ILogger logger, Guid matchId, string pod, string why);
    }
}
