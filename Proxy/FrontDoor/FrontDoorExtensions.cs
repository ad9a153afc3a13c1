using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// The checks that every request passes before anything else: the listener's limits, the client's address, and whether its host and path
/// are plain.
/// </summary>
internal static class FrontDoorExtensions
{
    private const string DefaultUrl = "http://*:8080";

    private const string FrontPage =
        "GameStack: matchmaking and game servers. /api/docs is the page of the match API, /api/openapi/v1.json its description.\n";

    public static void AddFrontDoor(this WebApplicationBuilder builder)
    {
        var options = builder.AddSettings<LimitsOptions>(LimitsOptions.Section);
        builder.WebHost.ConfigureKestrel(kestrel => Apply(options, kestrel));
        if (!HasAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, FailedCalls>());
        builder.Services.Insert(1, ServiceDescriptor.Transient<IStartupFilter, HostNamesFirst>());
        builder.Services.AddTransient<IDeveloperPageExceptionFilter, FailedCalls>();
        builder.AddTrustedProxies();
        builder.AddHeldSlots();
    }

    public static void UseFrontDoor(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<NoTunnels>();
        app.UseMiddleware<PlainPaths>();
    }

    /// <summary>Says in one line what this is, to somebody who opens the address without a path.</summary>
    public static void MapFrontPage(this WebApplication app) =>
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], () => TypedResults.Text(FrontPage));

    private static void Apply(LimitsOptions limits, KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestLimits.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = RequestLimits.MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = RequestLimits.MaxHeaders;
        kestrel.Limits.MaxRequestLineSize = RequestLimits.MaxRequestLineBytes;
        kestrel.Limits.RequestHeadersTimeout = limits.HeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = limits.KeepAliveTimeout;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        configuration.FindSetting("urls") is not null
        || configuration.FindSetting("http_ports") is not null
        || configuration.FindSetting("https_ports") is not null
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
