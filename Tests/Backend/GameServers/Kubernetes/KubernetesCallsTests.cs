using System.Net;
using GameStack.Backend.GameServers.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class KubernetesCallsTests : IDisposable
{
    private const string Pods = """{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}""";

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
    public async Task A_403_is_logged_once_with_the_rule_that_is_missing()
    {
        await using var api = await ApiServer.StartAsync((403, Status("pods is forbidden: User cannot list resource pods")));
        var calls = CallsOf(api.Address);

        await calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);
        var answer = await calls.ListPodsAsync("app=game-server", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.Refused);
        Assert.Contains("may not list pods in namespace studio", answer.Reason, StringComparison.Ordinal);
        Assert.Single(_logs.Of(450));
    }

    [Fact]
    public async Task A_quota_is_not_taken_for_a_missing_rule()
    {
        await using var api = await ApiServer.StartAsync((403, Status("pods \\\"p\\\" is forbidden: exceeded quota: pods, requested: 1")));

        var answer = await CallsOf(api.Address).CreatePodAsync(TestPods.Standby(), TestContext.Current.CancellationToken);

        Assert.Contains("exceeded quota", answer.Reason, StringComparison.Ordinal);
        Assert.Empty(_logs.Of(450));
    }

    private KubernetesCalls CallsOf(Uri api) => TestCalls.To(api, LoggerFactory.Create(logging => logging.AddProvider(_logs)));

    private static string Status(string message) => $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}"}""";
}
