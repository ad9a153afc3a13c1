using GameStack.Backend;
using GameStack.Backend.GameServers.Kubernetes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodWatchTests
{
    private const string NoPods = """{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}""";
    private const string Forbidden = """
        {"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods is forbidden: User \"backend\" cannot read resource \"pods\""}
        """;

    private const string TooOld = """
        {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"message":"too old resource version"} }
        """;

    [Fact]
    public async Task Watches_that_begin_too_late_again_and_again_are_a_failure()
    {
        await using var api = await ApiServer.StartAsync((200, NoPods), (200, TooOld), (200, NoPods), (200, TooOld), (403, Forbidden));
        using var logs = new LogRecords();
        using var logging = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var watch = Watch(api, logging);

        await watch.StartAsync(TestContext.Current.CancellationToken);

        var retry = (await logs.WaitForAsync(100, 1))[0];
        Assert.Contains("too old resource version", retry.Message, StringComparison.Ordinal);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("list pods", 403, Forbidden)]
    [InlineData("watch pods", 200, NoPods)]
    public async Task A_missing_permission_is_logged_together_with_the_retry(string permission, int listStatus, string list)
    {
        await using var api = await ApiServer.StartAsync((listStatus, list), (403, Forbidden));
        using var logs = new LogRecords();
        using var logging = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var watch = Watch(api, logging);

        await watch.StartAsync(TestContext.Current.CancellationToken);

        var hint = (await logs.WaitForAsync(450, 1))[0];
        Assert.Contains($"may not {permission} in namespace studio", hint.Message, StringComparison.Ordinal);
        var retry = (await logs.WaitForAsync(100, 1))[0];
        Assert.StartsWith("Cannot watch the game servers' pods; retrying: Kubernetes is unavailable: ", retry.Message,
            StringComparison.Ordinal);
        Assert.Contains($"may not {permission}", retry.Message, StringComparison.Ordinal);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Pods_of_another_queue_are_not_seen()
    {
        var match = Guid.NewGuid();
        V1Pod[] pods = [TestPods.Standby("free"), TestPods.Claimed(match, "own"), TestPods.Claimed(Guid.NewGuid(), "foreign")];
        pods[1].Metadata.Annotations["gamestack/queue"] = "ranked";
        pods[2].Metadata.Annotations["gamestack/queue"] = "casual";
        var list = new V1PodList { Items = pods, Metadata = new V1ListMeta { ResourceVersion = "7" } };
        await using var api = await ApiServer.StartAsync((200, KubernetesJson.Serialize(list)));
        var catalog = new PodCatalog();
        using var watch = new PodWatch(
            TestCalls.To(api.Address), catalog, new BackendIdentity("backend-1", "backend-1-1", "ranked"), TimeProvider.System,
            NullLogger<PodWatch>.Instance);

        await watch.StartAsync(TestContext.Current.CancellationToken);
        await catalog.Listed.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["free", "own"], catalog.All.Select(pod => pod.Name).Order(StringComparer.Ordinal));
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    private static PodWatch Watch(ApiServer api, ILoggerFactory logging) => new(
        TestCalls.To(api.Address, logging), new PodCatalog(), new BackendIdentity("backend-1", "backend-1-1"), TimeProvider.System,
        logging.CreateLogger<PodWatch>());
}
