using GameStack.Proxy.Backends;
using GameStack.Proxy.CrossOrigin;
using GameStack.Proxy.Forwarding;
using GameStack.Proxy.FrontDoor;
using GameStack.Proxy.Gateway;
using GameStack.Proxy.Listening.ProxyProtocol;
using GameStack.Proxy.RateLimiting;
using GameStack.ServiceDefaults;

namespace GameStack.Proxy;

internal static class ProxyApp
{
    /// <exception cref="Contracts.Settings.SettingException">A setting is wrong.</exception>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        var backends = BackendAddresses.Read(builder.Configuration);
        builder.AddServiceDefaults();
        builder.AddFrontDoor();
        builder.AddProxyProtocol();
        builder.AddCrossOrigin();
        builder.AddClientRateLimit();
        builder.AddForwarding(backends);
        builder.AddGateway();

        var app = builder.Build();
        app.UseFrontDoor();
        app.UseCrossOrigin();
        app.UseRateLimiter();
        app.MapDefaultEndpoints();
        app.MapFrontPage();
        app.MapNotFound();
        app.MapGateway();
        app.MapForwarding().LimitByClient();
        return app;
    }
}
