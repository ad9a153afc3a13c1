using System.Net;
using GameStack.Backend.GameServers.Kubernetes;
using k8s;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class KubernetesCallsTests : IDisposable
{
    private const string Pods = """{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}""";

    private const string MissingPermission =
        "pods is forbidden: User \\\"system:serviceaccount:studio:backend\\\" cannot list resource \\\"pods\\\" in API group \\\"\\\"";

    private readonly LogRecords _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task A_failure_that_may_pass_is_tried_again()
    {
        await using var api = await ApiServer.StartAsync(
            (429, Status("slow down")), (500, Status("etcd is busy")), (503, "no JSON"), (200, Pods));

        var answer = await CallsOf(api.Address).ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);

        Assert.Equal("7", answer.Value?.Metadata.ResourceVersion);
        Assert.Equal(4, api.Calls);
    }

    /// <summary>The status is that of a name that is taken.</summary>
    [Fact]
    public async Task A_create_that_a_busy_quota_turns_away_is_made_again()
    {
        const string busy = "Operation cannot be fulfilled on resourcequotas \\\"gamestack\\\": the object has been modified";
        await using var api = await ApiServer.StartAsync((409, Status(busy)), (409, Status(busy)), (201, """{"kind":"Pod"}"""));

        var answer = await CallsOf(api.Address).CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);

        Assert.NotNull(answer.Value);
        Assert.Equal(3, api.Calls);
    }

    [Fact]
    public async Task An_API_server_that_keeps_failing_is_unavailable_after_a_few_tries()
    {
        await using var api = await ApiServer.StartAsync((500, Status("etcd is gone")));

        var answer = await CallsOf(api.Address).ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);

        Assert.Null(answer.Value);
        Assert.Null(answer.Refused);
        Assert.Contains("etcd is gone", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(5, api.Calls);
    }

    [Fact]
    public async Task An_API_server_that_cannot_be_reached_is_unavailable()
    {
        var answer = await CallsOf(new Uri("http://127.0.0.1:1")).ReadPodAsync("p", TestContext.Current.CancellationToken);

        Assert.Null(answer.Refused);
        Assert.StartsWith("The API server could not be asked to get pods", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        await using var api = await ApiServer.StartAsync((404, Status("pods \\\"p\\\" not found")));

        var answer = await CallsOf(api.Address).ReadPodAsync("p", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.NotFound, "pods \"p\" not found"), (answer.Refused!.Value, answer.Reason));
        Assert.Equal(1, api.Calls);
    }

    [Fact]
    public async Task A_missing_permission_is_logged_once_with_the_rule_to_add_and_the_servers_own_words()
    {
        await using var api = await ApiServer.StartAsync((403, Status(MissingPermission)));
        var calls = CallsOf(api.Address);

        await calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);
        var answer = await calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.Refused);
        Assert.Contains("may not list pods in namespace studio", answer.Reason, StringComparison.Ordinal);
        Assert.Contains("The API server says: pods is forbidden", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(answer.Reason, Assert.Single(_logs.Of(450)).Message);
    }

    [Theory]
    [InlineData("pods \\\"p\\\" is forbidden: exceeded quota: gamestack, requested: pods=1, used: pods=20, limited: pods=20")]
    [InlineData("pods \\\"p\\\" is forbidden: failed quota: gamestack: must specify limits.memory")]
    [InlineData("pods \\\"p\\\" is forbidden: minimum cpu usage per Container is 1, but request is 50m")]
    [InlineData("pods \\\"p\\\" is forbidden: violates PodSecurity \\\"restricted:latest\\\": hostPort")]
    [InlineData("pods \\\"p\\\" is forbidden: unable to create new content in namespace studio because it is being terminated")]
    [InlineData("admission webhook \\\"policy.example.com\\\" denied the request: the user cannot use this image")]
    public async Task What_admission_rejects_is_not_taken_for_a_missing_permission(string message)
    {
        await using var api = await ApiServer.StartAsync((403, Status(message)));

        var answer = await CallsOf(api.Address).CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);

        Assert.Equal(message.Replace("\\", "", StringComparison.Ordinal), answer.Reason);
        Assert.Empty(_logs.Of(450));
        Assert.Equal($"Cannot create pods; retrying: {answer.Reason}", Assert.Single(_logs.Of(451)).Message);
    }

    [Fact]
    public async Task A_webhook_that_fails_is_not_called_again_and_again()
    {
        const string Failure = "Internal error occurred: failed calling webhook \\\"policy.example.com\\\": context deadline exceeded";
        await using var api = await ApiServer.StartAsync((500, Status(Failure)));

        var answer = await CallsOf(api.Address).CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);

        Assert.Contains("failed calling webhook", answer.Reason, StringComparison.Ordinal);
        Assert.Equal($"Cannot create pods; retrying: {answer.Reason}", Assert.Single(_logs.Of(451)).Message);
        Assert.Equal(1, api.Calls);
    }

    [Fact]
    public async Task A_change_that_is_not_answered_is_said_to_be_held_up_after_longer_than_a_webhook_may_take()
    {
        await using var cluster = await FakeCluster.StartAsync();
        var asked = new TaskCompletionSource();
        var over = new TaskCompletionSource();
        cluster.Delay = _ =>
        {
            asked.TrySetResult();
            return over.Task;
        };
        var time = new FakeTimeProvider();
        var calls = TestCalls.To(cluster.Address, TestCalls.Obstacles(Logging()), time: time);

        var creating = calls.CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(21.9));
        Assert.False(creating.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var answer = await creating;
        over.SetResult();

        const string Reason =
            "The API server did not answer within 22 s. If it answers other calls, look at the cluster's admission webhooks.";
        Assert.Equal($"The API server could not be asked to create pods: {Reason}", answer.Reason);
        Assert.Equal($"Cannot create pods; retrying: {Reason}", Assert.Single(_logs.Of(451)).Message);
        Assert.Equal(1, cluster.Count("create pods"));
    }

    [Fact]
    public async Task A_reason_is_logged_once_however_its_names_and_numbers_change_and_again_when_it_is_another_one()
    {
        await using var api = await ApiServer.StartAsync(
            (403, Status("pods \\\"a\\\" is forbidden: exceeded quota: gamestack, requested: pods=1, used: pods=20, limited: pods=20")),
            (403, Status("pods \\\"b\\\" is forbidden: exceeded quota: gamestack, requested: pods=1, used: pods=21, limited: pods=20")),
            (403, Status("pods \\\"c\\\" is forbidden: maximum memory usage per Container is 1Mi, but limit is 64Mi")),
            (403, Status(MissingPermission)));
        var obstacles = TestCalls.Obstacles(Logging());
        var calls = TestCalls.To(api.Address, obstacles);

        for (var i = 0; i < 4; i++)
        {
            await calls.CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);
        }

        Assert.Collection(
            _logs.Of(451),
            quota => Assert.Contains("exceeded quota", quota.Message, StringComparison.Ordinal),
            limit => Assert.Contains("maximum memory", limit.Message, StringComparison.Ordinal));
        Assert.Single(_logs.Of(450));
        Assert.Contains("may not create pods", Assert.Single(obstacles.Reasons), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("admission webhook \\\"policy\\\" denied the request: {0} is too large", "game-server-1a2b3c4d", "game-server-5f6d-abcde")]
    [InlineData("no room for match {0}", "0b6e2a8e-0000-4000-8000-000000000001", "0b6e2a8e-0000-4000-8000-000000000002")]
    public async Task A_reason_that_names_a_pod_or_a_match_anywhere_is_logged_once(string message, string one, string another)
    {
        var answers = new[] { one, another, one, another }.Select(name => message.Replace("{0}", name, StringComparison.Ordinal));
        await using var api = await ApiServer.StartAsync([.. answers.Select(answer => (403, Status(answer)))]);
        var calls = CallsOf(api.Address);

        for (var i = 0; i < 4; i++)
        {
            await calls.CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);
        }

        Assert.Single(_logs.Of(451));
    }

    [Fact]
    public async Task A_refusal_that_is_over_is_no_longer_an_obstacle()
    {
        await using var api = await ApiServer.StartAsync(
            (403, Status("exceeded quota")), (201, KubernetesJson.Serialize(TestPods.Standby())));
        var obstacles = TestCalls.Obstacles(Logging());
        var calls = TestCalls.To(api.Address, obstacles);

        await calls.CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);
        Assert.Single(obstacles.Reasons);
        await calls.CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);

        Assert.Empty(obstacles.Reasons);
        Assert.StartsWith("Can create pods again", Assert.Single(_logs.Of(457)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":""}""", "403 (Forbidden)")]
    [InlineData(403, "no JSON", "403 (Forbidden)")]
    [InlineData(401, "", "401 (Unauthorized)")]
    public async Task A_refusal_without_a_message_still_has_a_reason(int status, string body, string reason)
    {
        await using var api = await ApiServer.StartAsync((status, body));

        var answer = await CallsOf(api.Address).CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);

        Assert.Contains(reason, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_the_API_server_does_not_know_is_a_refusal_until_it_does()
    {
        await using var api = await ApiServer.StartAsync((401, Status("Unauthorized")), (200, Pods));
        var access = TestCalls.Access(Logging());
        var calls = TestCalls.To(api.Address, TestCalls.Obstacles(), access);

        await calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);
        Assert.Equal(
            "The Kubernetes API refuses the credentials of KUBECONFIG; retrying: Unauthorized", Assert.Single(_logs.Of(103)).Message);
        Assert.Equal(HealthStatus.Unhealthy, Check());

        await calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, Check());

        HealthStatus Check() => TestCalls.StatusOf(access);
    }

    [Fact]
    public async Task A_backend_that_may_not_list_pods_is_not_ready_until_it_has_listed_them_once()
    {
        await using var api = await ApiServer.StartAsync(
            (403, Status(MissingPermission)), (404, Status("pods \\\"p\\\" not found")), (200, Pods), (403, Status(MissingPermission)));
        var access = TestCalls.Access(Logging());
        var calls = TestCalls.To(api.Address, TestCalls.Obstacles(), access);

        await ListAsync();
        Assert.Equal(HealthStatus.Unhealthy, TestCalls.StatusOf(access));
        Assert.StartsWith(
            "The Kubernetes API refuses KUBECONFIG the right to list pods; retrying: pods is forbidden",
            Assert.Single(_logs.Of(103)).Message,
            StringComparison.Ordinal);
        await calls.ReadPodAsync("p", TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Unhealthy, TestCalls.StatusOf(access));

        await ListAsync();
        Assert.Equal(HealthStatus.Healthy, TestCalls.StatusOf(access));

        await ListAsync();
        Assert.Equal(HealthStatus.Healthy, TestCalls.StatusOf(access)); // The right is gone, and the matches that run are not.
        Assert.Single(_logs.Of(103));

        Task ListAsync() => calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);
    }

    private ILoggerFactory Logging() => LoggerFactory.Create(logging => logging.AddProvider(_logs));

    private KubernetesCalls CallsOf(Uri api) => TestCalls.To(api, Logging());

    private static string Status(string message) => $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}"}""";
}
