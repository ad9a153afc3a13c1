using System.Net;
using GameStack.Proxy.Backends;
using GameStack.Proxy.FrontDoor;
using GameStack.Proxy.RateLimiting;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace GameStack.Proxy.Forwarding;

internal static class ForwardingExtensions
{
    private static readonly TimeSpan FailureRateWindow = TimeSpan.FromSeconds(10);

    public static void AddForwarding(this WebApplicationBuilder builder, IReadOnlyList<BackendAddress> backends)
    {
        var options = builder.Configuration.ReadSettings(new ForwardingOptions(), ForwardingOptions.Section);
        builder.Services.AddSingleton<ForwardingMetrics>();

        builder.Services.AddReverseProxy()
            .LoadFromMemory(ForwardingRoutes.All, [BackendCluster.For(backends, options)])
            .AddTransforms(ForwardingTransforms.Add);
        builder.Services.AddSingleton<BackendConnections>();
        builder.Services.AddSingleton<ShortPorts>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory>(
            services => ActivatorUtilities.CreateInstance<BackendHttpClients>(services, options));

        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(policy => policy.DetectionWindowSize = FailureRateWindow);

        builder.Services.TryAddSingleton<HostLookup>(Dns.GetHostAddressesAsync);
        builder.Services.AddSingleton<IDestinationResolver, BackendResolver>();
        builder.Services.AddSingleton<DegradedBackends>();
        builder.Services.AddSingleton<IActiveHealthCheckPolicy, BackendProbePolicy>();
        builder.Services.AddSingleton<IPassiveHealthCheckPolicy, BackendCallPolicy>();
        builder.Services.AddSingleton<IProbingRequestFactory, BackendProbes>();
        builder.Services.AddSingleton<IAvailableDestinationsPolicy, PreferredBackends>();

        builder.Services.AddSingleton<BackendHealthCheck>();
        builder.Services.AddHealthChecks().AddCheck<BackendHealthCheck>("backend");
    }

    public static IEndpointConventionBuilder MapForwarding(this WebApplication app) => app.MapReverseProxy(pipeline =>
    {
        pipeline.Use(app.Services.GetRequiredService<CallSlots>().HoldAsync);
        pipeline.UseMiddleware<RequestBodyBuffer>();
        pipeline.UseMiddleware<PlayerRateLimit>();
        pipeline.UseMiddleware<EventStreams>();
        pipeline.UseMiddleware<SearchedCalls>();
        pipeline.UseMiddleware<Retries>();
        pipeline.UseLoadBalancing();
        pipeline.UsePassiveHealthChecks();
    });

    public static void MapNotFound(this WebApplication app)
    {
        foreach (var pattern in ForwardingRoutes.Private)
        {
            app.Map(pattern, Problem.NotFoundAsync);
        }

        app.MapFallback("{**path}", Problem.NotFoundAsync);
    }
}
