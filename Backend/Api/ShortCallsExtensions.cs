using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GameStack.Backend.Api;

internal static class ShortCallsExtensions
{
    /// <summary>Makes one of the backend's ports speak only HTTP/2, if <see cref="ShortCallsOptions"/> name one.</summary>
    /// <exception cref="SettingException">The backend does not listen on this port, or on no other.</exception>
    public static void AddShortCalls(this IHostApplicationBuilder builder)
    {
        if (builder.AddSettings<ShortCallsOptions>(ShortCallsOptions.Section).Port is not { } port)
            return;

        var ports = ListenAddresses.PortsOf(builder.Configuration);
        if (!ports.Contains(port) || ports.Count == 1)
        {
            throw SettingException.For(
                $"{ShortCallsOptions.Section}:{nameof(ShortCallsOptions.Port)}", $"{port}",
                $"one of several ports that the backend listens on: {string.Join(',', ports.Order())}");
        }

        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(listener =>
        {
            if (listener.IPEndPoint?.Port == port)
                listener.Protocols = HttpProtocols.Http2;
        }));
    }
}
