using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Calls to the API server. Each has a time-out and is retried a few times when that can help; refusals are returned as values. A refusal
/// that no caller expects is an obstacle, with the server's own message and, where a permission is missing, with the rule to add.
/// </summary>
internal sealed partial class KubernetesCalls
{
    public const string ListPods = "list pods";

    private const int MaxRetries = 4;

    /// <summary>Part of the message of a create or change that a webhook should have judged.</summary>
    private const string FailedWebhook = "failed calling webhook";

    /// <summary>
    /// Part of the message of a create that came at the same moment as others, which the quota counts (kubernetes/kubernetes#67761). It has
    /// the status of a name that is taken.
    /// </summary>
    private const string BusyQuota = "cannot be fulfilled on resourcequotas";

    /// <summary>The message of a JSON patch whose test has failed.</summary>
    private const string FailedPatch = "the server rejected our request due to an error in our request";

    /// <summary>In milliseconds; a message of any length takes far less.</summary>
    private const int RegexTimeout = 1000;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Longer than the API server waits by default for an admission webhook (10 s; kubernetes.io, Dynamic Admission Control), which it
    /// calls twice for a change: again with the newest state of the object, if the first call fails.
    /// </summary>
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(22);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);

    private readonly IKubernetes _client;
    private readonly FleetObstacles _obstacles;
    private readonly KubernetesAccess _access;
    private readonly ResiliencePipeline _reads;
    private readonly ResiliencePipeline _writes;

    public KubernetesCalls(
        IKubernetes client, KubernetesClientConfiguration cluster, FleetObstacles obstacles, KubernetesAccess access, TimeProvider time)
    {
        (_client, _obstacles, _access) = (client, obstacles, access);
        Namespace = cluster.Namespace;
        _reads = Pipeline(ReadTimeout, IsTransient, time);
        _writes = Pipeline(WriteTimeout, exception => IsTransient(exception) && exception is not TimeoutRejectedException, time);
    }

    public string Namespace { get; }

    public Task<ApiAnswer<V1PodList>> ListPodsAsync(string labels, CancellationToken cancellationToken) => CallAsync(
        ListPods,
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
        cancellationToken,
        HttpStatusCode.NotFound);

    public Task<ApiAnswer<V1Pod>> CreatePodAsync(V1Pod pod, CancellationToken cancellationToken) => CallAsync(
        "create pods",
        token => _client.CoreV1.CreateNamespacedPodAsync(pod, Namespace, cancellationToken: token),
        cancellationToken,
        HttpStatusCode.Conflict);

    public Task<ApiAnswer<V1Pod>> PatchPodAsync(string name, V1Patch patch, CancellationToken cancellationToken) => CallAsync(
        "patch pods",
        token => _client.CoreV1.PatchNamespacedPodAsync(patch, name, Namespace, cancellationToken: token),
        cancellationToken,
        HttpStatusCode.NotFound,
        HttpStatusCode.Conflict);

    /// <summary>Deletes a pod. It is not an error when the pod is gone or another pod has its name.</summary>
    /// <param name="name">The pod's name.</param>
    /// <param name="preconditions">Which pod, and perhaps which state of it, since another pod may have the name.</param>
    /// <param name="atOnce">Free the name at once, without waiting for the program to end.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    public Task<ApiAnswer<V1Pod>> DeletePodAsync(
        string name, V1Preconditions preconditions, bool atOnce, CancellationToken cancellationToken)
    {
        var options = new V1DeleteOptions { GracePeriodSeconds = atOnce ? 0 : null, Preconditions = preconditions };
        return CallAsync(
            "delete pods",
            token => _client.CoreV1.DeleteNamespacedPodAsync(name, Namespace, options, cancellationToken: token),
            cancellationToken,
            HttpStatusCode.NotFound,
            HttpStatusCode.Conflict);
    }

    public Task<ApiAnswer<V1Deployment>> ReadDeploymentAsync(string name, CancellationToken cancellationToken) => CallAsync(
        "get deployments.apps",
        token => _client.AppsV1.ReadNamespacedDeploymentAsync(name, Namespace, cancellationToken: token),
        cancellationToken);

    public Task<ApiAnswer<V1ServiceList>> ListServicesAsync(string labels, CancellationToken cancellationToken) => CallAsync(
        "list services",
        token => _client.CoreV1.ListNamespacedServiceAsync(Namespace, labelSelector: labels, cancellationToken: token),
        cancellationToken);

    public Task<ApiAnswer<V1Service>> PatchServiceAsync(string name, V1Patch patch, CancellationToken cancellationToken) => CallAsync(
        "patch services",
        token => _client.CoreV1.PatchNamespacedServiceAsync(patch, name, Namespace, cancellationToken: token),
        cancellationToken,
        HttpStatusCode.NotFound);

    public Task<ApiAnswer<V1Service>> ReadServiceAsync(string name, CancellationToken cancellationToken) => CallAsync(
        "get services",
        token => _client.CoreV1.ReadNamespacedServiceAsync(name, Namespace, cancellationToken: token),
        cancellationToken,
        HttpStatusCode.NotFound);

    public Task<ApiAnswer<V1Service>> CreateServiceAsync(V1Service service, CancellationToken cancellationToken) => CallAsync(
        "create services",
        token => _client.CoreV1.CreateNamespacedServiceAsync(service, Namespace, cancellationToken: token),
        cancellationToken,
        HttpStatusCode.Conflict);

    /// <summary>
    /// Why the API server refused, in its own words, and in addition what to add to the Role when it says that a permission is missing. It
    /// also forbids what a quota, a LimitRange or an admission webhook rejects.
    /// </summary>
    public string Explain(string what, HttpOperationException exception)
    {
        var message = Message(exception);
        var isPermissionMissing = exception.Response.StatusCode == HttpStatusCode.Forbidden && PermissionMissing().IsMatch(message);
        _access.Answered(what, exception.Response.StatusCode, message, isPermissionMissing);
        var key = Changing().Replace(message, "");
        if (isPermissionMissing)
        {
            var hint = $"The backend's service account may not {what} in namespace {Namespace}: "
                + "add that to its Role (docs/deploy.md, section Permissions)";
            _obstacles.MeetForbidden(what, hint, message, key);
            return $"{hint}. The API server says: {message}";
        }

        _obstacles.Meet(what, message, key);
        return message;
    }

    /// <summary>Says that a call succeeded that this class does not see to its end.</summary>
    public void Succeeded(string what) => _obstacles.Pass(what);

    /// <summary>
    /// For example <c>pods is forbidden: User "system:serviceaccount:studio:backend" cannot list resource "pods" in API group ""…</c>
    /// </summary>
    [GeneratedRegex("User \"[^\"]*\" cannot [a-z]+ ", RegexOptions.None, RegexTimeout)]
    private static partial Regex PermissionMissing();

    /// <summary>
    /// What differs each time: the name in <c>pods "game-server-1a2b3c4d" is forbidden: exceeded quota: gamestack, requested: pods=1, used:
    /// pods=20, limited: pods=20</c> and how much is used; a webhook's own words may have a pod's name or a match anywhere.
    /// </summary>
    [GeneratedRegex(
        "(?<=^[A-Za-z.]+) \"[^\"]*\"|used: \\S+ |game-server-[0-9a-z-]+|[0-9a-f]{8}-[0-9a-f-]{27}", RegexOptions.None, RegexTimeout)]
    private static partial Regex Changing();

    /// <summary>Whether the API server may answer otherwise a moment later.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;

    private static ResiliencePipeline Pipeline(TimeSpan timeout, Func<Exception, bool> mayRepeat, TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } exception && mayRepeat(exception)),
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = LongestDelay,
                DelayGenerator = arguments => ValueTask.FromResult(RetryAfter(arguments.Outcome.Exception)),
            })
            .AddTimeout(timeout)
            .Build();

    private static bool IsRead(string what) =>
        what.StartsWith("get ", StringComparison.Ordinal) || what.StartsWith("list ", StringComparison.Ordinal);

    /// <summary>A webhook that does not answer is a refusal: each try would take as long, and the caller tries again anyway.</summary>
    private static bool IsTransient(Exception exception) => exception switch
    {
        HttpOperationException e => IsBusyQuota(e)
            || (IsTransient(e.Response.StatusCode) && !Message(e).Contains(FailedWebhook, StringComparison.Ordinal)),
        TimeoutRejectedException or HttpRequestException or SocketException or IOException or JsonException => true,
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
            if (KubernetesJson.Deserialize<V1Status>(exception.Response.Content)?.Message is { Length: > 0 } message)
            {
                return message;
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentNullException)
        {
            // Something on the way to the API server has answered.
        }

        return $"The answer was {(int)exception.Response.StatusCode} ({exception.Response.StatusCode}), without a message.";
    }

    private static bool IsBusyQuota(HttpOperationException exception) =>
        exception.Response.StatusCode == HttpStatusCode.Conflict && Message(exception).Contains(BusyQuota, StringComparison.Ordinal);

    /// <summary>Whether a patch did not apply since what it tests has changed; policies refuse with the same status.</summary>
    private static bool IsOutdated(HttpOperationException exception) =>
        exception.Response.StatusCode == HttpStatusCode.UnprocessableEntity && Message(exception) == FailedPatch;

    /// <param name="what">What the call does: a verb and a resource, as a Role names them.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="expected">The refusals that the caller knows how to go on from.</param>
    private async Task<ApiAnswer<T>> CallAsync<T>(
        string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, params HttpStatusCode[] expected)
        where T : class
    {
        try
        {
            var value = await (IsRead(what) ? _reads : _writes).ExecuteAsync(async token => await call(token), cancellationToken);
            _obstacles.Pass(what);
            _access.Answered(what);
            return new(value);
        }
        catch (HttpOperationException e) when ((expected.Contains(e.Response.StatusCode) && !IsBusyQuota(e)) || IsOutdated(e))
        {
            _obstacles.Pass(what);
            _access.Answered(what);
            return new(Value: null, e.Response.StatusCode, Message(e));
        }
        catch (HttpOperationException e) when (!IsTransient(e))
        {
            return new(Value: null, e.Response.StatusCode, Explain(what, e));
        }
        catch (HttpOperationException e)
        {
            return new(Value: null, Reason: $"The API server would not {what}: {Explain(what, e)}");
        }
        catch (TimeoutRejectedException e) when (!IsRead(what))
        {
            _access.Unavailable(e);
            var reason = $"The API server did not answer within {WriteTimeout.TotalSeconds} s. If it answers other calls, "
                + "look at the cluster's admission webhooks.";
            _obstacles.Meet(what, reason);
            return new(Value: null, Reason: $"The API server could not be asked to {what}: {reason}");
        }
        catch (Exception e) when (IsTransient(e))
        {
            _access.Unavailable(e);

            // The watch logs this once for all calls. Health says it to everybody, so without an address.
            _obstacles.Meet(what, "The API server is unavailable.", "unavailable", LogLevel.Debug);
            return new(Value: null, Reason: $"The API server could not be asked to {what}: {e.Message}");
        }
    }
}
