using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.GameServers.Processes;
using GameStack.Backend.Tickets;
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
        var tickets = builder.AddTickets();
        var isDevelopment = builder.Environment.IsDevelopment();
        var options = builder.AddSettings<GameServersOptions>(
            GameServersOptions.Section,
            servers => servers.Tickets = isDevelopment || !tickets.HasKey ? TicketUse.Optional : TicketUse.Required);
        if (options.Tickets == TicketUse.Required && !tickets.HasKey)
        {
            throw SettingException.For(
                $"{GameServersOptions.Section}:{nameof(options.Tickets)}", $"{options.Tickets}",
                "Optional while Tickets__KeyFile is not set");
        }

        builder.Configuration.KnowSettings<ProcessFleetOptions>(GameServersOptions.Section);
        builder.Configuration.KnowSettings<KubernetesFleetOptions>(GameServersOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FleetInstruments>();
        builder.Services.AddHealthChecks().AddCheck<FullFleetCheck>("game_servers", HealthStatus.Degraded);
        if (options.Fleet == FleetKind.Kubernetes)
        {
            builder.AddKubernetesFleet(options, tickets);
        }
        else
        {
            builder.AddProcessFleet();
        }

        return builder;
    }
}
