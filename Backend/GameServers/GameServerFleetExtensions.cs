using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.GameServers.Processes;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GameStack.Backend.GameServers;

public static class GameServerFleetExtensions
{
    /// <summary>Adds the <see cref="IGameServerFleet"/> that <see cref="GameServersOptions.Fleet"/> names.</summary>
    /// <exception cref="InvalidOperationException">There is no fleet of that name.</exception>
    public static TBuilder AddGameServerFleet<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);

        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddOptions<GameServersOptions>()
            .Configure(options => options.DrainSeconds = isDevelopment ? 0 : options.DrainSeconds)
            .BindConfiguration(GameServersOptions.Section)
            .Configure<IConfiguration>((options, configuration) =>
            {
                if (configuration[GameServersOptions.ConnectHostVariable] is { Length: > 0 } host)
                {
                    options.ConnectHost = host;
                }
            })
            .Validate(options => options.Standby >= 0 && options.MaxServers >= 1, "GameServers:Standby must be at least 0 and GameServers:MaxServers at least 1.")
            .Validate(options => options.Standby <= options.MaxServers, "GameServers:Standby must not be more than GameServers:MaxServers.")
            .Validate(
                options => TimeSpan.Zero < options.StartTimeout && TimeSpan.Zero < options.AssignTimeout
                    && TimeSpan.Zero < options.AllocationTimeout && TimeSpan.Zero < options.RouteTimeout && TimeSpan.Zero < options.StopTimeout
                    && TimeSpan.Zero < options.WatchPeriod && TimeSpan.Zero < options.WatchTimeout
                    && TimeSpan.Zero < options.LongestMatch && TimeSpan.Zero <= options.OverrunGrace,
                "GameServers: every time-out and period must be more than zero.")
            .Validate(
                options => options.FirstHostPort >= 1 && options.FirstHostPort <= options.LastHostPort && options.LastHostPort <= ushort.MaxValue,
                "GameServers:FirstHostPort and GameServers:LastHostPort must be port numbers, in this order.")
            .Validate(options => options.DrainSeconds is >= 0 and <= 86_400, "GameServers:DrainSeconds must be between 0 and 86400.")
            .ValidateOnStart();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FleetInstruments>();

        var fleet = builder.Configuration[$"{GameServersOptions.Section}:{nameof(GameServersOptions.Fleet)}"] ?? "Process";
        switch (fleet.ToUpperInvariant())
        {
            case "PROCESS":
                builder.AddProcessFleet();
                return builder;
            case "KUBERNETES":
                builder.AddKubernetesFleet();
                return builder;
            default:
                throw new InvalidOperationException($"GameServers:Fleet is '{fleet}', which is no fleet of this backend. Use 'Process' or 'Kubernetes'.");
        }
    }
}
