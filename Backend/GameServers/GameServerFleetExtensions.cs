using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.GameServers.Processes;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.GameServers;

internal static class GameServerFleetExtensions
{
    /// <summary>Adds the <see cref="IGameServerFleet"/> that <see cref="GameServersOptions.Fleet"/> names.</summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static IHostApplicationBuilder AddGameServerFleet(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.AddSettings<GameServersOptions>(GameServersOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FleetInstruments>();
        builder.Services.AddHealthChecks().AddCheck<FullFleetCheck>("game_servers", HealthStatus.Degraded);
        if (options.Fleet == FleetKind.Kubernetes)
        {
            builder.AddKubernetesFleet(options);
        }
        else
        {
            builder.AddProcessFleet();
        }

        return builder;
    }
}
