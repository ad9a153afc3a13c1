using System.Runtime.InteropServices;
using GameStack.AppHost.Servers;
using GameStack.Contracts.Settings;
using LocalServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost;

/// <summary>
/// What a local run needs beyond the graph: Redis and Postgres, exclusive use of its data and ports, and a clean shutdown.
/// </summary>
internal static class LocalRun
{
    /// <summary>The exit code of a run that cannot start on this machine as it is now.</summary>
    private const int Refused = 1;

    /// <summary>
    /// Returns null if the run can start; otherwise writes the reason to standard error and returns the exit code. For publishing, checks
    /// only the settings.
    /// </summary>
    public static async Task<int?> PrepareAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken = default)
    {
        try
        {
            RunSettings.Check(builder.Configuration);
            _ = RunPorts.Proxy(builder.Configuration);
            _ = RunPorts.Gateway(builder.Configuration);
            if (builder.ExecutionContext.IsRunMode)
            {
                await PrepareRunAsync(builder, cancellationToken);
            }

            return null;
        }
        catch (SettingException e)
        {
            await Console.Error.WriteLineAsync(e.Message.AsMemory(), cancellationToken);
            return SettingException.ExitCode;
        }
        catch (Exception e) when (e is RunRefusedException or LocalServerUnavailableException)
        {
            await Console.Error.WriteLineAsync(e.Message.AsMemory(), cancellationToken);
            return Refused;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var data = $"{ServerChoice.DataFolder(builder)} (Servers__DataFolder)";
            var tools = $"{ServerChoice.ToolsFolder(builder)} (Servers__ToolsFolder)";
            await Console.Error.WriteLineAsync($"Could not use {data} or {tools}: {e.Message}".AsMemory(), cancellationToken);
            return Refused;
        }
    }

    /// <summary>Applies the defaults of a local run to every resource of the graph. Call this after adding all resources.</summary>
    public static void AddLocalDefaults(this IDistributedApplicationBuilder builder)
    {
        foreach (var resource in builder.Resources)
        {
            // Nothing speaks TLS here. Without this, Aspire asks for a trusted development certificate.
            resource.Annotations.Add(new HttpsCertificateAnnotation { UseDeveloperCertificate = false });

            if (resource is ProjectResource)
            {
                // Aspire sets a sampler that records every span: the traces of heartbeats and health checks would bury those of players.
                resource.Annotations.Add(new EnvironmentCallbackAnnotation(
                    context => context.EnvironmentVariables.Remove("OTEL_TRACES_SAMPLER")));
            }
        }
    }

    /// <summary>Shuts the run down cleanly when its terminal closes (SIGHUP), as Ctrl+C does.</summary>
    public static PosixSignalRegistration StopOnHangUp(this DistributedApplication app)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        return PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            lifetime.StopApplication();
        });
    }

    private static async Task PrepareRunAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        // The AppHost waits until its resources have ended, so that no process is left when the prompt returns.
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] ??= "true";
        var exclusive = new RunLock(ServerChoice.DataFolder(builder));
        builder.Services.AddHostedService(_ => exclusive);
        RunPorts.CheckFree(builder.Configuration);
        await ServerChoice.ChooseAsync(builder, cancellationToken);
        TicketKeyPair.Of(builder).Create();
    }
}
