using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Listening;

internal static class ListeningExtensions
{
    /// <summary>
    /// Bounds the connections of the program's clients by what it can serve. Below what it needs, it does not start; the server checks this
    /// when it is made, since a program without a server needs nothing.
    /// </summary>
    public static void BoundConnections(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<ListeningOptions>(ListeningOptions.Section);
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<ListeningOptions>, ListeningCapacity.Check>();
        services.AddMetrics();
        services.AddSingleton<ConnectionSlots>();
        services.AddTransient<IStartupFilter, Refusals>();

        // The last one that is registered serves an address first.
        services.TryAddSingleton<SocketTransportFactory>();
        services.AddSingleton<IConnectionListenerFactory, BoundedListenerFactory>();
    }
}
