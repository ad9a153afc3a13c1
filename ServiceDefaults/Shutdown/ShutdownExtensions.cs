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
        builder.Services.AddOptions<ShutdownOptions>()
            .Configure(options => options.DrainSeconds = isDevelopment ? 0 : options.DrainSeconds)
            .BindConfiguration(ShutdownOptions.Section)
            .Validate(
                options => options is { DrainSeconds: >= 0 and <= 3600, TimeoutSeconds: >= 0 and <= 3600 },
                "Shutdown__DrainSeconds and Shutdown__TimeoutSeconds must be from 0 to 3600.")
            .ValidateOnStart();

        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = shutdown.Value.Total);

        builder.Services.AddSingleton<ShutdownState>();
        builder.Services.AddHostedService<HangUpSignal>();
        builder.Services.AddHostedService<DrainService>();
        builder.Services.AddTransient<IStartupFilter, DrainConnections>();
    }
}
