using System.Net.Sockets;
using GameStack.Backend.Background;
using GameStack.ServiceDefaults.Timing;
using k8s;
using k8s.Autorest;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Keeps the <see cref="PodCatalog"/> up to date: lists, watches the changes, and lists again, since a watch ends
/// silently and forgets old changes.
/// </summary>
internal sealed class PodWatch(
    KubernetesCalls calls, PodCatalog catalog, BackendIdentity identity, TimeProvider time, ILogger<PodWatch> logger)
    : RepeatingService("watch the game servers' pods", time, logger)
{
    private const string WatchCall = "watch pods";
    private const string Labels = $"{PodNames.App}={PodNames.GameServer}";

    /// <summary>How long a watch lasts; a new list follows it in any case.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>How much longer than <see cref="Length"/> a connection may be silent before it counts as dead.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Whether the last watch began too late, and none has worked since.</summary>
    private bool _isLate;

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var since = catalog.Changes;
        var list = await calls.ListPodsAsync(Labels, stoppingToken);
        if (list.Value is not { } pods)
        {
            catalog.SetStale(list.Reason);
            throw new DependencyUnavailableException("Kubernetes", list.Reason);
        }

        var listed = pods.Items.Select(GameServerPod.Of).ToLookup(pod => pod.IsForeignTo(identity.Queue));
        catalog.Replace([.. listed[false]], since, [.. listed[true]]);
        try
        {
            await WatchAsync(pods.Metadata.ResourceVersion, stoppingToken);
        }
        catch (HttpOperationException e)
        {
            throw new DependencyUnavailableException("Kubernetes", calls.Explain(WatchCall, e), e);
        }
    }

    private async Task WatchAsync(string resourceVersion, CancellationToken stoppingToken)
    {
        var startedAt = Time.GetTimestamp();
        using var limit = new TimeLimit(Length + Grace, Time, stoppingToken);
        try
        {
            await ReadAsync(resourceVersion, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or KubernetesException
            || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
        {
            // When a watch ends without any change, the client reports a connection error.
            if (Time.GetElapsedTime(startedAt) < Length)
            {
                throw new DependencyUnavailableException("Kubernetes", e.Message, e);
            }
        }
    }

    private async Task ReadAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        Exception? error = null;
        await foreach (var (type, pod) in calls.WatchPodsAsync(Labels, resourceVersion, Length, e => error = e, cancellationToken))
        {
            if (type == WatchEventType.Error)
            {
                throw new DependencyUnavailableException("Kubernetes", "The watch was broken off.");
            }

            Apply(type, GameServerPod.Of(pod));
            _isLate = false;
            Succeeded();
            calls.Succeeded(WatchCall);
        }

        // 410 Gone is not a failure: the next list resolves it. It does not if the API server's cache is ahead of a restored etcd.
        var isLate = error is KubernetesException { Status.Code: StatusCodes.Status410Gone };
        if (error is not null && (!isLate || _isLate))
        {
            throw new DependencyUnavailableException("Kubernetes", error.Message, error);
        }

        _isLate = isLate;
    }

    private void Apply(WatchEventType type, GameServerPod pod)
    {
        if (type == WatchEventType.Deleted)
        {
            catalog.Remove(pod);
        }
        else if (pod.IsForeignTo(identity.Queue))
        {
            catalog.Forget(pod);
        }
        else if (type is WatchEventType.Added or WatchEventType.Modified)
        {
            catalog.Set(pod);
        }
    }
}
