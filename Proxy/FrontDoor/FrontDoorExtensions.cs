using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// The checks that every request passes before anything else: the listener's limits, the client's address, and whether its path is plain.
/// </summary>
internal static class FrontDoorExtensions
{
    private const string DefaultUrl = "http://*:8080";

    public static void AddFrontDoor(this WebApplicationBuilder builder)
    {
        var headersTimeout = builder.Configuration.GetValue(RequestLimits.HeadersTimeoutSetting, RequestLimits.HeadersTimeout);
        builder.WebHost.ConfigureKestrel(kestrel => Apply(headersTimeout, kestrel));
        if (!HasAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
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

    private static void Apply(TimeSpan headersTimeout, KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestLimits.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = RequestLimits.MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = RequestLimits.MaxHeaders;
        kestrel.Limits.MaxRequestLineSize = RequestLimits.MaxRequestLineBytes;
        kestrel.Limits.RequestHeadersTimeout = headersTimeout;
        kestrel.Limits.KeepAliveTimeout = RequestLimits.KeepAliveTimeout;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        configuration["urls"] is not null
        || configuration["http_ports"] is not null
        || configuration["https_ports"] is not null
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
