using GameStack.Proxy.Backends;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Health;

namespace GameStack.Proxy.Forwarding;

internal static class ForwardingExtensions
{
    public static void AddForwarding(this WebApplicationBuilder builder, IReadOnlyList<Uri> backends)
    {
        var section = builder.Configuration.GetSection(ForwardingOptions.Section);
        var options = section.Get<ForwardingOptions>() ?? new ForwardingOptions();
        builder.Services.AddSingleton(Options.Create(options));
        builder.Services.AddSingleton<ForwardingMetrics>();

        builder.Services.AddReverseProxy()
            .LoadFromMemory(ForwardingRoutes.All, [BackendCluster.For(backends, options)])
            .AddTransforms(ForwardingTransforms.Add)
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = options.ConnectTimeout;
                handler.PooledConnectionLifetime = options.ConnectionLifetime;
            });

        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(policy => policy.DetectionWindowSize = TimeSpan.FromSeconds(10));

        builder.Services.AddSingleton<BackendHealthCheck>();
        builder.Services.AddHealthChecks().AddCheck<BackendHealthCheck>("backend");
    }

    public static IEndpointConventionBuilder MapForwarding(this WebApplication app) => app.MapReverseProxy(pipeline =>
    {
        pipeline.UseMiddleware<RequestBodyBuffer>();
        pipeline.UseMiddleware<EventStreams>();
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
