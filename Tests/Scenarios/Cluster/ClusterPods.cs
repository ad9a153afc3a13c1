using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>The pods of a namespace, and waiting for what they come to: by list and watch, never by sleeping.</summary>
internal sealed class ClusterPods(IKubernetes client, string place)
{
    private const int WatchSeconds = 30;

    public async Task<IReadOnlyList<V1Pod>> ListAsync(string labels) =>
    [
        .. (await client.CoreV1.ListNamespacedPodAsync(
            place, labelSelector: labels, cancellationToken: TestContext.Current.CancellationToken)).Items,
    ];

    /// <summary>Waits until the pods with these labels are as they should be; answers them.</summary>
    public async Task<IReadOnlyList<V1Pod>> WaitAsync(string labels, string what, Func<IReadOnlyList<V1Pod>, bool> until, TimeSpan limit)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(limit);
        Dictionary<string, V1Pod> pods = [];
        try
        {
            while (true)
            {
                var list = await client.CoreV1.ListNamespacedPodAsync(place, labelSelector: labels, cancellationToken: timeout.Token);
                pods = list.Items.ToDictionary(pod => pod.Uid());
                if (until([.. pods.Values]))
                {
                    return [.. pods.Values];
                }

                if (await WatchAsync(labels, list.ResourceVersion(), pods, until, timeout.Token))
                {
                    return [.. pods.Values];
                }
            }
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"Not within {limit.TotalSeconds} s: {what}. The pods with {labels}: {string.Join("; ", pods.Values.Select(Describe))}", e);
        }
    }

    public static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null
            && (pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false);

    private async Task<bool> WatchAsync(
        string labels,
        string version,
        Dictionary<string, V1Pod> pods,
        Func<IReadOnlyList<V1Pod>, bool> until,
        CancellationToken cancellationToken)
    {
        var events = client.CoreV1.WatchListNamespacedPodAsync(
            place, labelSelector: labels, resourceVersion: version, timeoutSeconds: WatchSeconds, cancellationToken: cancellationToken);
        try
        {
            await foreach (var (type, pod) in events)
            {
                if (type == WatchEventType.Deleted)
                {
                    pods.Remove(pod.Uid());
                }
                else
                {
                    pods[pod.Uid()] = pod;
                }

                if (until([.. pods.Values]))
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The client's way to end a watch that has brought nothing.
        }

        return false;
    }

    private static string Describe(V1Pod pod) =>
        $"{pod.Name()} {pod.Status.Phase} ready={IsReady(pod)} {string.Join(',', (pod.Status.ContainerStatuses ?? []).Select(ReasonOf))}";

    private static string ReasonOf(V1ContainerStatus status) =>
        status.State?.Waiting?.Reason ?? status.State?.Terminated?.Reason ?? "";
}
