using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Waits for pods to start, and says when those that are created for matches do not.</summary>
internal sealed class PodStarts(PodCatalog catalog, FleetObstacles obstacles, FleetInstruments instruments, TimeProvider time)
{
    /// <summary>The obstacle that new pods fail, because of their template or their image.</summary>
    private const string StartServers = "start game servers";

    /// <summary>How long a match's own pod may take to start before one on standby is better; a busy node takes 10 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether the last pod that was created has failed before it started; the next one would probably fail, too.</summary>
    public bool AreFailing => obstacles.IsPresent(StartServers);

    /// <summary>
    /// Waits until a pod has started or cannot start. Null if it is late or fits on no node, and there is a better one.
    /// </summary>
    /// <param name="name">The pod's name.</param>
    /// <param name="hasBetter">Whether there is a better one, which changes only when the catalog does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PodStart?> WaitAsync(string name, Func<bool> hasBetter, CancellationToken cancellationToken)
    {
        var askedAt = time.GetTimestamp();
        GameServerPod? pod = null;
        Result<GameServerPod>? outcome = null;
        var isLate = false;
        using var patience = new TimeLimit(Patience, time, cancellationToken);
        try
        {
            await catalog.WaitUntilAsync(IsDecided, patience.Token);
        }
        catch (OperationCanceledException) when (patience.HasExpired)
        {
            isLate = true;
            await catalog.WaitUntilAsync(IsDecided, cancellationToken);
        }

        if (outcome is not { } decided)
        {
            return null;
        }

        var isUseless = !decided.IsSuccess && pod is { IsFromPool: false }
            and ({ HasEnded: true } or { Stuck: not null } or { CannotBeCreated: true, Gone: null });
        if (isUseless)
        {
            // Such as "ImagePullBackOff: …" or "It has failed (OutOfcpu: …, used: 1900, …).", with other numbers each time.
            var why = pod!.Gone ?? pod.Stuck ?? pod.WaitsFor!;
            obstacles.Meet(StartServers, why, key: why.Split(':')[0]);
        }
        else if (decided.IsSuccess)
        {
            instruments.Started(time.GetElapsedTime(askedAt));
            if (pod is { IsFromPool: false, IsReady: true })
            {
                obstacles.Pass(StartServers);
            }
        }

        return new PodStart(decided, isUseless);

        bool IsDecided()
        {
            pod = catalog.Get(name);
            outcome = Judge(name, pod, isLate);
            return outcome is not null || (pod is { IsFromPool: false } && (isLate || pod.IsUnschedulable) && hasBetter());
        }
    }

    /// <summary>A program that soon exits runs for a moment. While new pods fail, one counts as started only when it answers.</summary>
    private Result<GameServerPod>? Judge(string name, GameServerPod? pod, bool isLate) => pod switch
    {
        null => Result<GameServerPod>.Failed($"Pod {name} was deleted."),
        { Gone: { } gone } => Result<GameServerPod>.Failed($"Pod {name} no longer serves players: {gone}"),
        { Stuck: { } stuck } => Result<GameServerPod>.Failed($"Pod {name} does not start: {stuck}"),
        { CannotBeCreated: true, WaitsFor: { } why } when isLate => Result<GameServerPod>.Failed($"Pod {name} does not start: {why}"),
        { IsStarted: true, Ip.Length: > 0 } when pod.IsReady || pod.IsFromPool || !AreFailing => Result<GameServerPod>.Of(pod),
        _ => null,
    };
}
