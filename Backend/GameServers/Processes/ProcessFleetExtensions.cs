using GameStack.ServiceDefaults.Listening;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

internal static class ProcessFleetExtensions
{
    public static void AddProcessFleet(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddOptions<ProcessFleetOptions>()
            .Configure(options => options.DrainSeconds = isDevelopment ? 0 : options.DrainSeconds)
            .BindConfiguration(GameServersOptions.Section)
            .PostConfigure(options => options.MaxServers = Math.Min(options.MaxServers, ProcessFleetOptions.MostServers))
            .Validate(
                options => options is { Standby: >= 0, MaxServers: >= 1 },
                "GameServers:Standby must be at least 0 and GameServers:MaxServers at least 1.")
            .Validate(options => options.Standby <= options.MaxServers, "GameServers:Standby must not be more than GameServers:MaxServers.")
            .ValidatePositive(nameof(ProcessFleetOptions.StartTimeout), options => options.StartTimeout)
            .ValidatePositive(nameof(ProcessFleetOptions.StopTimeout), options => options.StopTimeout)
            .Validate(options => options.DrainSeconds is >= 0 and <= 86_400, "GameServers:DrainSeconds must be between 0 and 86400.")
            .ValidateOnStart();

        builder.Services.AddSingleton<GameServerProgram>();
        builder.Services.AddSingleton<GameServerHandshake>();
        builder.Services.AddSingleton<ProcessPool>();
        builder.Services.AddSingleton<MatchProcesses>();
        builder.Services.AddSingleton<ProcessFleet>();
        builder.Services.AddSingleton<IGameServerFleet>(services => services.GetRequiredService<ProcessFleet>());
        builder.Services.AddHostedService<ProcessPoolService>();
        builder.Services.AddHostedService<ProcessFleetWatch>();

        builder.Services.AddOptions<ListeningCost>().Configure<IOptions<ProcessFleetOptions>>((cost, servers) =>
            cost.OwnDescriptors += servers.Value.MaxServers * ProcessFleetOptions.DescriptorsPerServer);

        // The host's time limit for the whole shutdown has to include the wait for running matches.
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<ProcessFleetOptions>>(
            (host, servers) => host.ShutdownTimeout += servers.Value.Drain + servers.Value.StopTimeout);
    }
}
