using System.CommandLine;
using GameStack.Contracts.Settings;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults;
using GameStack.ServiceDefaults.Settings;
using GameStack.ServiceDefaults.Shutdown;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GameStack.LoadTester.Run;

/// <summary>The whole program, from its arguments to its exit code.</summary>
internal static class LoadTesterApp
{
    public const int Success = 0;

    /// <summary>A player failed, or the summary's file could not be written.</summary>
    public const int Failed = 1;

    /// <summary>As other load tools have it, such as k6: a wrong setting is told apart from a failed test.</summary>
    public const int BadSettings = 104;

    public const int Interrupted = 130;

    public static async Task<int> RunAsync(
        string[] args, Func<string, string?> environment, LoadConsole console, CallLimits limits, CancellationToken cancellationToken)
    {
        var command = new LoadCommand();
        var options = command.Root.Parse(args);
        if (options is { Errors.Count: 0, Action: not null })
        {
            return await options.InvokeAsync(
                new InvocationConfiguration { Output = console.Output, Error = console.Error }, cancellationToken);
        }

        if (!command.TryRead(options, environment, out var settings, out var error))
        {
            await console.Error.WriteLineAsync($"{error} (--help lists all settings)");
            return BadSettings;
        }

        if (!SummaryOutput.TryOpen(settings, console, out var opened, out error))
        {
            await console.Error.WriteLineAsync(error);
            return BadSettings;
        }

        await using var output = opened;
        if (OpenFiles.Warn(settings.Clients) is { } warning)
        {
            await console.Error.WriteLineAsync(warning);
        }

        LoadSummary summary;
        try
        {
            summary = await RunAsync(settings, limits, View(settings, console), cancellationToken);
        }
        catch (SettingException e)
        {
            await console.Error.WriteLineAsync(e.Message);
            return BadSettings;
        }

        var isWritten = await output.WriteAsync(summary);
        return summary.Interrupted ? Interrupted : summary.Failed > 0 || !isWritten ? Failed : Success;
    }

    private static async Task<LoadSummary> RunAsync(
        LoadSettings settings, CallLimits limits, ILoadView view, CancellationToken cancellationToken)
    {
        // Otherwise, an appsettings.json of the current folder would apply, which belongs to another program.
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        // Only the view writes to the terminal; logs go to telemetry only.
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        if (settings.Gateway is { HasTls: true })
        {
            builder.Configuration.CheckCertificates();
        }

        builder.Services.PostConfigure<ShutdownOptions>(shutdown => shutdown.DrainSeconds = 0);
        builder.Services.AddSingleton<LoadMetrics>();
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(limits);
        builder.Services.AddSingleton<LoadRun>();
        using var host = builder.Build();

        await host.StartAsync(cancellationToken);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var summary = await host.Services.GetRequiredService<LoadRun>().RunAsync(view, stop.Token);
        await host.StopAsync(CancellationToken.None);
        return summary;
    }

    private static ILoadView View(LoadSettings settings, LoadConsole console) =>
        (settings.JsonOutput, console.Terminal) switch
        {
            (true, _) => new PlainView(console.Error, TimeProvider.System),
            (_, { } terminal) => new LiveView(terminal, TimeProvider.System),
            _ => new PlainView(console.Output, TimeProvider.System),
        };
}
