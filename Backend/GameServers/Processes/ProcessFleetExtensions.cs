using System.Globalization;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

internal static class ProcessFleetExtensions
{
    public static void AddProcessFleet(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        var options = builder.AddSettings<ProcessFleetOptions>(
            GameServersOptions.Section, defaults => defaults.DrainSeconds = isDevelopment ? 0 : defaults.DrainSeconds);
        if (options.Standby > options.MaxServers)
        {
            throw SettingException.For(
                $"{GameServersOptions.Section}:{nameof(options.Standby)}", options.Standby.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"at most GameServers__MaxServers, which is {options.MaxServers}"));
        }

        builder.Services.PostConfigure<ProcessFleetOptions>(servers =>
        {
            servers.MaxServers = Math.Min(servers.MaxServers, ProcessFleetOptions.MostServers);
            servers.Standby = Math.Min(servers.Standby, servers.MaxServers);
        });

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

        // The host's time limit for the whole shutdown has to include the wait for live matches.
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<ProcessFleetOptions>>(
            (host, servers) => host.ShutdownTimeout += servers.Value.Drain + servers.Value.StopTimeout);
    }
}
