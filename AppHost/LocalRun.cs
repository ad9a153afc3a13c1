using System.Runtime.InteropServices;
using GameStack.AppHost.Servers;
using LocalServers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost;

/// <summary>What a run on this machine needs beyond the graph: Redis and Postgres, its data and ports to itself, and an orderly end.</summary>
internal static class LocalRun
{
    // (setting, what listens there). Each is an URL; port 0 stands for any free port.
    private static readonly (string Setting, string Listener)[] DashboardAddresses =
    [
        ("ASPNETCORE_URLS", "the dashboard"),
        ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "the dashboard's telemetry endpoint"),
        ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "the AppHost's resource service"),
    ];

    /// <summary>Whether the run may start; if not, standard error says why in a line or two. Publishing needs nothing.</summary>
    public static async Task<bool> TryPrepareAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken = default)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return true;
        }

        // The AppHost stays until its resources have ended, so that nothing is left when the prompt comes back.
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
    }

    /// <summary>What every resource of the graph has in a run on this machine; to be called when all are there.</summary>
    public static void AddLocalDefaults(this IDistributedApplicationBuilder builder)
    {
        foreach (var resource in builder.Resources)
        {
            // Nothing speaks TLS here. Without this, Aspire asks for a trusted development certificate.
            resource.Annotations.Add(new HttpsCertificateAnnotation { UseDeveloperCertificate = false });

            if (resource is ProjectResource)
            {
                // Aspire asks for every span, so that heartbeats and health checks, each a trace, would bury what players do.
                resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables.Remove("OTEL_TRACES_SAMPLER")));
            }
        }
    }

    /// <summary>Ends the run in order when its terminal goes away (SIGHUP), as Ctrl+C does.</summary>
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

        var proxy = builder.Configuration.GetValue("Proxy:Port", 8080);
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
