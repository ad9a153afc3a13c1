using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Shutdown;

internal static class ShutdownExtensions
{
    public static void AddGracefulShutdown(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.AddSettings<ShutdownOptions>(
            ShutdownOptions.Section, options => options.DrainSeconds = isDevelopment ? 0 : options.DrainSeconds);

        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = shutdown.Value.Total);

        builder.Services.AddSingleton<ShutdownState>();
        builder.Services.AddHostedService<HangUpSignal>();
        builder.Services.AddHostedService<DrainService>();
        builder.Services.AddTransient<IStartupFilter, DrainConnections>();
    }
}
