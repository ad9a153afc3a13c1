using System.Globalization;
using System.Runtime.InteropServices;
using GameStack.AppHost.Servers;
using LocalServers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost;

/// <summary>
/// What a local run needs beyond the graph: Redis and Postgres, exclusive use of its data and ports, and a clean shutdown.
/// </summary>
internal static class LocalRun
{
    // The setting, and what listens at its address. Each value is a URL; port 0 means any free port.
    private static readonly (string Setting, string Listener)[] DashboardAddresses =
    [
        ("ASPNETCORE_URLS", "the dashboard"),
        ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "the dashboard's telemetry endpoint"),
        ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "the AppHost's resource service"),
    ];

    /// <summary>Returns whether the run can start; if not, writes the reason to standard error. Publishing needs no preparation.</summary>
    public static async Task<bool> TryPrepareAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken = default)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return true;
        }

        // The AppHost waits until its resources have ended, so that no process is left when the prompt returns.
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] ??= "true";
        try
        {
            var exclusive = new RunLock(ServerChoice.DataFolder(builder));
            builder.Services.AddHostedService(_ => exclusive);
            CheckPorts(builder);
            await ServerChoice.ChooseAsync(builder, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is RunRefusedException or LocalServerUnavailableException)
        {
            await Console.Error.WriteLineAsync(e.Message.AsMemory(), cancellationToken);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var folders = $"{ServerChoice.DataFolder(builder)} (Servers__DataFolder) or {ServerChoice.ToolsFolder(builder)} (Servers__ToolsFolder)";
            await Console.Error.WriteLineAsync($"Could not use {folders}: {e.Message}".AsMemory(), cancellationToken);
            return false;
        }
    }

    /// <summary>The port that the proxy listens on (<c>Proxy__Port</c>).</summary>
    public static int ProxyPort(IDistributedApplicationBuilder builder) => builder.Configuration["Proxy:Port"] switch
    {
        null or "" => 8080,
        var text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 => port,
        var text => throw new RunRefusedException($"Proxy__Port is \"{text}\"; expected a port number from 1 to 65535."),
    };

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
                resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables.Remove("OTEL_TRACES_SAMPLER")));
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

    private static void CheckPorts(IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
        {
            return;
        }

        var proxy = ProxyPort(builder);
        if (!FreePort.IsFree(proxy))
        {
            throw new RunRefusedException($"Port {proxy}, where the proxy would listen, is in use by another program: end that program, or choose another port with Proxy__Port.");
        }

        foreach (var (setting, listener) in DashboardAddresses)
        {
            var addresses = (builder.Configuration[setting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
            foreach (var address in addresses)
            {
                if (Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Port != 0 && !FreePort.IsFree(url.Port))
                {
                    throw new RunRefusedException($"Port {url.Port}, where {listener} would listen, is in use by another program: end that program, or choose another address with {setting}.");
                }
            }
        }
    }
}
