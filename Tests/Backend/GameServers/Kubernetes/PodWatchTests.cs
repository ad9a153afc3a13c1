using GameStack.Backend.GameServers.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodWatchTests
{
    private const string NoPods = """{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}""";
    private const string Forbidden = """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods is forbidden"}""";

    [Theory]
    [InlineData("list pods", 403, Forbidden)]
    [InlineData("watch pods", 200, NoPods)]
    public async Task A_missing_permission_is_logged_together_with_the_retry(string permission, int listStatus, string list)
    {
        await using var api = await ApiServer.StartAsync((listStatus, list), (403, Forbidden));
        using var logs = new LogRecords();
        using var logging = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var watch = new PodWatch(
            TestCalls.To(api.Address, logging), new PodCatalog(), TimeProvider.System, logging.CreateLogger<PodWatch>());

        await watch.StartAsync(TestContext.Current.CancellationToken);

        var hint = (await logs.WaitForAsync(450, 1))[0];
        Assert.Contains($"may not {permission} in namespace studio", hint.Message, StringComparison.Ordinal);
        var retry = (await logs.WaitForAsync(100, 1))[0];
        Assert.StartsWith("Cannot watch the game servers' pods; retrying: Kubernetes is unavailable: ", retry.Message, StringComparison.Ordinal);
        Assert.Contains($"may not {permission}", retry.Message, StringComparison.Ordinal);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }
}
