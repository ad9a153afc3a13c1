using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Calls to the API server. Each has a time-out and is retried a few times when that can help; refusals are returned as values. A 403 is
/// logged together with the missing rule.
/// </summary>
internal sealed partial class KubernetesCalls
{
    private const int MaxRetries = 4;

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);

    private readonly IKubernetes _client;
    private readonly ILogger<KubernetesCalls> _logger;
    private readonly ResiliencePipeline _pipeline;
    private readonly ConcurrentDictionary<string, bool> _hinted = new(StringComparer.Ordinal);

    public KubernetesCalls(IKubernetes client, KubernetesClientConfiguration cluster, TimeProvider time, ILogger<KubernetesCalls> logger)
    {
        (_client, _logger) = (client, logger);
        Namespace = cluster.Namespace;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } exception && IsTransient(exception)),
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = LongestDelay,
                DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Exception)),
            })
            .AddTimeout(CallTimeout)
            .Build();
    }

    public string Namespace { get; }

    public Task<ApiAnswer<V1PodList>> ListPodsAsync(string labels, CancellationToken cancellationToken) => CallAsync(
        "list pods",
        token => _client.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: labels, cancellationToken: token),
        cancellationToken);

    /// <summary>
    /// The changes since a list. The stream ends without an error when the API server ends it, and throws when the watch fails.
    /// </summary>
    public IAsyncEnumerable<(WatchEventType Type, V1Pod Pod)> WatchPodsAsync(
        string labels, string resourceVersion, TimeSpan length, Action<Exception> onError, CancellationToken cancellationToken) =>
        _client.CoreV1.WatchListNamespacedPodAsync(
            Namespace, allowWatchBookmarks: true, labelSelector: labels, resourceVersion: resourceVersion,
            timeoutSeconds: (int)length.TotalSeconds, onError: onError, cancellationToken: cancellationToken);

    public Task<ApiAnswer<V1Pod>> ReadPodAsync(string name, CancellationToken cancellationToken) => CallAsync(
        "get pods",
        token => _client.CoreV1.ReadNamespacedPodAsync(name, Namespace, cancellationToken: token),
        cancellationToken);

    public Task<ApiAnswer<V1Pod>> CreatePodAsync(V1Pod pod, CancellationToken cancellationToken) => CallAsync(
        "create pods",
        token => _client.CoreV1.CreateNamespacedPodAsync(pod, Namespace, cancellationToken: token),
        cancellationToken);

    public Task<ApiAnswer<V1Pod>> PatchPodAsync(string name, V1Patch patch, CancellationToken cancellationToken) => CallAsync(
        "patch pods",
        token => _client.CoreV1.PatchNamespacedPodAsync(patch, name, Namespace, cancellationToken: token),
        cancellationToken);

    /// <summary>Deletes a pod. It is not an error when the pod is gone or another pod has its name.</summary>
    /// <param name="name">The pod's name.</param>
    /// <param name="uid">The pod's uid; another pod with the same name is left alone.</param>
    /// <param name="atOnce">Free the name at once, without waiting for the program to end.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    public Task<ApiAnswer<V1Pod>> DeletePodAsync(string name, string uid, bool atOnce, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions { GracePeriodSeconds = atOnce ? 0 : null, Preconditions = new V1Preconditions { Uid = uid } };
        return CallAsync(
            "delete pods",
            token => _client.CoreV1.DeleteNamespacedPodAsync(name, Namespace, options, cancellationToken: token),
            cancellationToken);
    }

    public Task<ApiAnswer<V1Deployment>> ReadDeploymentAsync(string name, CancellationToken cancellationToken) => CallAsync(
        "get deployments.apps",
        token => _client.AppsV1.ReadNamespacedDeploymentAsync(name, Namespace, cancellationToken: token),
        cancellationToken);

    public Task<ApiAnswer<V1Service>> ReadServiceAsync(string name, CancellationToken cancellationToken) => CallAsync(
        "get services",
        token => _client.CoreV1.ReadNamespacedServiceAsync(name, Namespace, cancellationToken: token),
        cancellationToken);

    public Task<ApiAnswer<V1Service>> CreateServiceAsync(V1Service service, CancellationToken cancellationToken) => CallAsync(
        "create services",
        token => _client.CoreV1.CreateNamespacedServiceAsync(service, Namespace, cancellationToken: token),
        cancellationToken);

    /// <summary>The API server's message about a refusal; for a missing permission, how to grant it.</summary>
    public string Explain(string what, HttpOperationException exception)
    {
        var message = Message(exception);
        if (exception.Response.StatusCode != HttpStatusCode.Forbidden || message.Contains("exceeded quota", StringComparison.Ordinal))
        {
            return message;
        }

        var hint = $"The backend's service account may not {what} in namespace {Namespace}: "
            + "add that to its Role (docs/deploy.md, section Permissions)";
        if (_hinted.TryAdd(what, true))
        {
            Log.Forbidden(_logger, hint, message);
        }

        return hint;
    }

    private static bool IsTransient(Exception exception) => exception switch
    {
        HttpOperationException { Response.StatusCode: var status } =>
            status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError,
        TimeoutRejectedException or HttpRequestException or IOException or JsonException => true,
        _ => false,
    };

    private static TimeSpan? RetryAfter(Exception? exception) =>
        exception is HttpOperationException { Response.Headers: { } headers }
            && headers.TryGetValue("Retry-After", out var values)
            && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds))
            : null;

    /// <summary>For example <c>{"kind":"Status","message":"pods \"game-server-1a2b3c4d\" not found",…}</c>.</summary>
    private static string Message(HttpOperationException exception)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(exception.Response.Content)?.Message ?? exception.Message;
        }
        catch (Exception e) when (e is JsonException or ArgumentNullException)
        {
            return exception.Message; // Something on the way to the API server has answered.
        }
    }

    private async Task<ApiAnswer<T>> CallAsync<T>(string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return new(await _pipeline.ExecuteAsync(async token => await call(token), cancellationToken));
        }
        catch (HttpOperationException e) when (!IsTransient(e))
        {
            return new(Value: null, e.Response.StatusCode, Explain(what, e));
        }
        catch (HttpOperationException e)
        {
            return new(Value: null, Reason: $"The API server would not {what}: {Message(e)}");
        }
        catch (Exception e) when (IsTransient(e))
        {
            return new(Value: null, Reason: $"The API server could not be asked to {what}: {e.Message}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Forbidden, LogLevel.Error, "{Hint}. The API server says: {Message}")]
        public static partial void Forbidden(ILogger logger, string hint, string message);
    }
}
