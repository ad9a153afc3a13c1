using GameStack.Proxy.Backends;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace GameStack.Tests.Proxy.Backends;

public sealed class BackendProbePolicyTests
{
    [Fact]
    public void A_probe_that_ends_when_the_proxy_has_stopped_has_no_effect()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        services.AddReverseProxy();
        services.AddSingleton<DegradedBackends>().AddSingleton<ShortPorts>();
        services.AddSingleton<IActiveHealthCheckPolicy, BackendProbePolicy>();
        using var provider = services.BuildServiceProvider();
        var policy = provider.GetServices<IActiveHealthCheckPolicy>().OfType<BackendProbePolicy>().Single();
        provider.Dispose();

        Assert.Null(Record.Exception(() => policy.ProbingCompleted(new ClusterState("backend"), [])));
    }
}
