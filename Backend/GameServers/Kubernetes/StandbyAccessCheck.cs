namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Asks servers on standby, from the start of this backend until one accepts its control key, so that a backend with a wrong key is not
/// ready and its rollout stops. While a new key pair is rolled out, the pool has servers of both.
/// </summary>
internal sealed class StandbyAccessCheck(PodCatalog catalog, ControlSigner signer, StandbyAccess access, TimeProvider time)
    : BackgroundService
{
    private const int MostAsked = 16;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await catalog.Listed.WaitAsync(stoppingToken);
        while (!await AskAsync(stoppingToken))
        {
            await Task.Delay(Period, time, stoppingToken);
            await catalog.WaitUntilAsync(() => OnStandby().Any(), stoppingToken);
        }
    }

    /// <summary>Returns whether a server has accepted the key.</summary>
    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var pods = OnStandby().ToArray();
        Random.Shared.Shuffle(pods);
        pods = pods[..Math.Min(pods.Length, MostAsked)];
        var sessions = await Task.WhenAll(pods.Select(pod => signer.AskAsync(pod, time, cancellationToken)));
        if (sessions.Any(session => session.Kind is ControlSessionKind.Standby or ControlSessionKind.Match))
        {
            access.Granted();
            return true;
        }

        if (Array.FindIndex(sessions, session => session.Kind == ControlSessionKind.Denied) is >= 0 and var denying)
        {
            access.Denied(pods[denying].Name);
        }
        else
        {
            access.Unknown();
        }

        return false;
    }

    private IEnumerable<GameServerPod> OnStandby() => catalog.All.Where(pod => pod is { IsStandby: true, IsStarted: true, Gone: null });
}
