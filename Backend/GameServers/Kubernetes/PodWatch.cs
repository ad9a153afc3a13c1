using k8s;
using k8s.Autorest;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Keeps the <see cref="PodCatalog"/> up to date: lists, watches the changes, and lists again, since a watch ends
/// silently and forgets old changes.
/// </summary>
internal sealed partial class PodWatch(KubernetesCalls calls, PodCatalog catalog, TimeProvider time, ILogger<PodWatch> logger) : BackgroundService
{
    private const string Labels = $"{PodNames.App}={PodNames.GameServer}";

    /// <summary>How long a watch lasts; a new list follows it in any case.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>How much longer than <see cref="Length"/> a connection may be silent before it counts as dead.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DelayAfterFailure = TimeSpan.FromSeconds(0.5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var healthy = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            var failure = await ListAndWatchAsync(stoppingToken);
            if (failure is not null && !stoppingToken.IsCancellationRequested)
            {
                if (healthy)
                {
                    Log.Blind(logger, failure);
                }

                await Task.Delay(DelayAfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            healthy = failure is null;
        }
    }

    /// <summary>One sentence about what went wrong; null when the watch ended normally.</summary>
    private async Task<string?> ListAndWatchAsync(CancellationToken stoppingToken)
    {
        try
        {
            var since = catalog.Changes;
            var list = await calls.ListPodsAsync(Labels, stoppingToken);
            if (list.Value is not { } pods)
            {
                return list.Reason;
            }

            catalog.Replace([.. pods.Items.Select(GameServerPod.Of)], since);
            return await WatchAsync(pods.Metadata.ResourceVersion, stoppingToken);
        }
        catch (HttpOperationException e)
        {
            return calls.Explain("watch pods", e);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            return e.ToString(); // An error not seen before; whatever its cause, the next list starts afresh.
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<string?> WatchAsync(string resourceVersion, CancellationToken stoppingToken)
    {
        var startedAt = time.GetTimestamp();
        using var limit = new CancellationTokenSource(Length + Grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            return await ReadAsync(resourceVersion, either.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or KubernetesException or OperationCanceledException)
        {
            // When a watch ends without any change, the client reports a connection error.
            return time.GetElapsedTime(startedAt) >= Length ? null : e.Message;
        }
    }

    private async Task<string?> ReadAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        Exception? error = null;
        await foreach (var (type, pod) in calls.WatchPodsAsync(Labels, resourceVersion, Length, e => error = e, cancellationToken))
        {
            switch (type)
            {
                case WatchEventType.Added or WatchEventType.Modified:
                    catalog.Set(GameServerPod.Of(pod));
                    break;
                case WatchEventType.Deleted:
                    catalog.Remove(GameServerPod.Of(pod));
                    break;
                case WatchEventType.Error:
                    return "The watch was broken off.";
            }
        }

        // 410 Gone is not a failure: the next list resolves it.
        return error is null or KubernetesException { Status.Code: StatusCodes.Status410Gone } ? null : error.Message;
    }

    private static partial class Log
    {
        [LoggerMessage(451, LogLevel.Warning, "The game servers' pods cannot be seen, trying on: {Reason}")]
        public static partial void Blind(ILogger logger, string reason);
    }
}
