using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

internal static class ProcessFleetExtensions
{
    public static void AddProcessFleet(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GameServerProgram>();
        builder.Services.AddSingleton<ProcessPool>();
        builder.Services.AddSingleton<ProcessFleet>();
        builder.Services.AddSingleton<IGameServerFleet>(services => services.GetRequiredService<ProcessFleet>());
        builder.Services.AddHostedService<ProcessFleetService>();
        builder.Services.AddHostedService<ProcessFleetWatch>();

        // The host's time limit for the whole shutdown has to include the wait for running matches.
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<GameServersOptions>>(
            (host, servers) => host.ShutdownTimeout += servers.Value.Drain + servers.Value.StopTimeout);
    }
}
