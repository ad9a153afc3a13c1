using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.GameServers.Processes;
using GameStack.Contracts.Lines;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers;

internal static class GameServerFleetExtensions
{
    /// <summary>Adds the <see cref="IGameServerFleet"/> that <see cref="GameServersOptions.Fleet"/> names.</summary>
    /// <exception cref="InvalidOperationException">There is no fleet of that name.</exception>
    public static IHostApplicationBuilder AddGameServerFleet(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<GameServersOptions>()
            .BindConfiguration(GameServersOptions.Section)
            .Configure<IConfiguration>((options, configuration) =>
            {
                if (configuration[GameServersOptions.ConnectHostVariable] is { Length: > 0 } host)
                {
                    options.ConnectHost = host;
                }
            })
            .ValidatePositive(nameof(GameServersOptions.AssignTimeout), options => options.AssignTimeout)
            .ValidatePositive(nameof(GameServersOptions.AllocationTimeout), options => options.AllocationTimeout)
            .ValidatePositive(nameof(GameServersOptions.WatchPeriod), options => options.WatchPeriod)
            .ValidatePositive(nameof(GameServersOptions.WatchTimeout), options => options.WatchTimeout)
            .Validate(
                options => options.LongestMatch >= TimeSpan.FromSeconds(1)
                    && options.LongestMatch <= TimeSpan.FromSeconds(GameProtocol.MaxMatchSeconds),
                "GameServers:LongestMatch must be from 00:00:01 to 1.00:00:00.")
            .Validate(options => options.OverrunGrace >= TimeSpan.Zero, "GameServers:OverrunGrace must be at least zero.")
            .ValidateOnStart();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FleetInstruments>();
        builder.Services.AddHealthChecks().AddCheck<FullFleetCheck>("game_servers", HealthStatus.Degraded);

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
                throw new InvalidOperationException(
                    $"GameServers:Fleet is '{fleet}', which is no fleet of this backend. Use 'Process' or 'Kubernetes'.");
        }
    }

    /// <summary>Requires that a time of the section <c>GameServers</c> is more than zero.</summary>
    public static OptionsBuilder<TOptions> ValidatePositive<TOptions>(
        this OptionsBuilder<TOptions> builder, string setting, Func<TOptions, TimeSpan> time)
        where TOptions : class =>
        builder.Validate(options => time(options) > TimeSpan.Zero, $"{GameServersOptions.Section}:{setting} must be more than zero.");
}
