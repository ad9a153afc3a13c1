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
    MatchPods pods, StandbyPods standby, PodCatalog catalog, PlayerRoutes routes, OrphanedPods orphans, ControlSigner signer,
    KubernetesCalls calls, BackendIdentity identity, IOptions<GameServersOptions> options, TimeProvider time,
    ILogger<KubernetesFleetWatch> logger)
    : RepeatingService("check the game servers", time, logger, options.Value.WatchPeriod)
{
    private const int ProbesAtOnce = 32;

    /// <summary>How many other servers are asked to find out whether this backend reaches any.</summary>
    private const int MostWitnesses = 3;

    private const string BackendLabels = $"{PodNames.App}=backend";

    /// <summary>How long a backend may be unready and still count as alive. One that starts or drains is unready for a while.</summary>
    private static readonly TimeSpan LongestUnready = TimeSpan.FromSeconds(30);

    private readonly GameServersOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, ServerRecord> _records = new(StringComparer.Ordinal);

    /// <summary>The uids of the pods whose end was logged. While none can be deleted, every round tries again.</summary>
    private readonly ConcurrentDictionary<string, bool> _ending = new(StringComparer.Ordinal);

    /// <summary>In how many rounds in a row this backend was cut off.</summary>
    private int _cutOffRounds;

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var backends = (await calls.ListPodsAsync(BackendLabels, stoppingToken)).Value?.Items;
        var others = FindOthers(backends, identity.Name, Time.GetUtcNow());
        var mine = FindMine(catalog.All, others, identity.Name);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = stoppingToken };
        await routes.RepairAsync(mine, stoppingToken);
        var answers = new ConcurrentBag<(GameServerPod Pod, GameServerHealth? Health)>();
        await Parallel.ForEachAsync(mine, parallel, async (pod, token) =>
        {
            if (pod.Gone is not null)
            {
                await pods.DeleteAsync(pod, token);
            }
            else if (pod.IsStarted) // The backend that waits for a pod that starts limits how long it waits.
            {
                answers.Add((pod, await AskAsync(pod, token)));
            }
        });
        await ReportCutOffAsync(answers, stoppingToken);
        await Parallel.ForEachAsync(answers, parallel, (answer, token) => JudgeAsync(answer.Pod, answer.Health, token));
        foreach (var (pod, why) in await routes.FindBrokenAsync(mine, stoppingToken))
        {
            await EndAsync(pod, why, stoppingToken);
        }

        ForgetAllBut(mine);
        await orphans.EndAsync(others, stoppingToken);
    }

    /// <summary>The names of the other backends that are alive; null while the backends' pods cannot be listed.</summary>
    internal static HashSet<string>? FindOthers(IEnumerable<V1Pod>? backends, string me, DateTimeOffset now) =>
        backends?.Where(pod => pod.Metadata.Name != me && IsAlive(pod, now)).Select(pod => pod.Metadata.Name)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The claimed pods that this backend looks after; only its own while the other backends are unknown.</summary>
    internal static IReadOnlyList<GameServerPod> FindMine(IEnumerable<GameServerPod> pods, IReadOnlySet<string>? others, string me) =>
        [.. pods.Where(pod => pod.MatchId is not null
            && (pod.Backend == me || (others is not null && !others.Contains(pod.Backend ?? ""))))];

    /// <summary>
    /// A pod that was evicted or that its node has ended may stay for a long time: only its phase shows that it no longer runs. A pod whose
    /// node is lost stays in its phase, but is not ready. Two backends that look after the same pods do no harm.
    /// </summary>
    private static bool IsAlive(V1Pod pod, DateTimeOffset now) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Failed" or "Succeeded")
        && pod.Status?.Conditions?.Any(condition =>
            condition is { Type: "Ready", Status: "False" } && condition.LastTransitionTime <= now.UtcDateTime - LongestUnready) != true;

    private async Task<GameServerHealth?> AskAsync(GameServerPod pod, CancellationToken cancellationToken) =>
        await signer.ClientFor(pod).ReadHealthAsync(_options.WatchTimeout, Time, cancellationToken)
            ?? await new GamePortClient(pod.Ip, pod.GamePort).ReadHealthAsync(_options.WatchTimeout, Time, cancellationToken);

    /// <summary>
    /// Finds out whether it is probably this backend that is cut off: no server answers it, neither those that it looks after nor a few
    /// others. Then their silence says nothing about the matches.
    /// </summary>
    private async Task ReportCutOffAsync(
        ConcurrentBag<(GameServerPod Pod, GameServerHealth? Health)> answers, CancellationToken cancellationToken)
    {
        var isCutOff = !answers.IsEmpty && answers.All(answer => answer.Health is null);
        if (isCutOff)
        {
            var asked = answers.Select(answer => answer.Pod.Uid);
            var ready = catalog.All.Concat(catalog.Foreign).Where(pod => pod is { IsReady: true, Gone: null });
            var others = ready.ExceptBy(asked, pod => pod.Uid).ToArray();
            Random.Shared.Shuffle(others);
            var sessions = await Task.WhenAll(others.Take(MostWitnesses).Select(pod => signer.AskAsync(pod, Time, cancellationToken)));
            isCutOff = answers.Count + sessions.Length > 1 && sessions.All(session => session.Kind == ControlSessionKind.Silent);
        }

        _cutOffRounds = isCutOff ? _cutOffRounds + 1 : 0;
        if (_cutOffRounds == 2)
        {
            Log.CutOff(Logger, answers.Count);
        }
    }

    private async ValueTask JudgeAsync(GameServerPod pod, GameServerHealth? health, CancellationToken cancellationToken)
    {
        var record = _records.GetOrAdd(pod.Uid, _ => new ServerRecord(_options, Time));
        if (record.Judge(health, isSilenceOwn: _cutOffRounds == 0) is { } why)
        {
            await EndAsync(pod, why, cancellationToken);
            return;
        }

        // A pod without a queue is left to the backend that has claimed it, or to the reconciler of the queue that has its match.
        var isChanged = pod.Queue is null ? pod.Backend == identity.Name : pod.IsMislabelled || pod.Lacks(catalog.ClaimOf(pod));
        if (isChanged)
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
        if (_ending.TryAdd(pod.Uid, true))
        {
            Log.Ending(Logger, pod.MatchId!.Value, pod.Name, why);
        }

        if (!await pods.DeleteAsync(pod, cancellationToken))
        {
            catalog.ReportEnd(pod, why);
        }
    }

    private void ForgetAllBut(IEnumerable<GameServerPod> seen)
    {
        var uids = seen.Select(pod => pod.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var uid in _records.Keys.Where(uid => !uids.Contains(uid)))
        {
            _records.TryRemove(uid, out _);
        }

        foreach (var uid in _ending.Keys.Where(uid => !uids.Contains(uid)))
        {
            _ending.TryRemove(uid, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.KubernetesFleetWatchEnding, LogLevel.Warning,
            "Ending the game server of match {MatchId}, pod {Pod}: {Why}")]
        public static partial void Ending(ILogger logger, Guid matchId, string pod, string why);

        [LoggerMessage(EventIds.CutOff, LogLevel.Warning,
            "This backend reaches no game server; the matches that it checks ({Count}) go on")]
        public static partial void CutOff(ILogger logger, int count);
    }
}
