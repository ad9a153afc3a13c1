using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Listening.ProxyProtocol;

internal static class ProxyProtocolExtensions
{
    /// <summary>Accepts PROXY headers on the ports that <see cref="ProxyProtocolOptions"/> names, before TLS and HTTP.</summary>
    public static void AddProxyProtocol(this WebApplicationBuilder builder)
    {
        builder.Configuration.KnowSettings<ProxyProtocolOptions>(ProxyProtocolOptions.Section);
        builder.Services.AddOptions<ProxyProtocolOptions>()
            .BindConfiguration(ProxyProtocolOptions.Section)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ProxyProtocolOptions>, ProxyProtocolOptions.Check>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ProxyProtocolOptions>>((kestrel, options) =>
        {
            if (options.Value.IsOn)
            {
                kestrel.ConfigureEndpointDefaults(listener =>
                {
                    listener.UseProxyProtocol(kestrel.ApplicationServices);
                    var slots = kestrel.ApplicationServices.GetRequiredService<ConnectionSlots>();
                    listener.Use(next => connection => slots.AdmitNamedClientAsync(connection, next));
                });
            }
        });
    }

    /// <summary>Makes each of a listener's connections begin with a PROXY header if it has to.</summary>
    public static void UseProxyProtocol(this IConnectionBuilder listener, IServiceProvider services) =>
        listener.Use(next => ActivatorUtilities.CreateInstance<ProxyProtocolConnections>(services, next).OnConnectionAsync);
}
