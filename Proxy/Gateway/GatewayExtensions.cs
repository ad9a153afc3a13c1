using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GameStack.Contracts.Settings;
using GameStack.Contracts.Tickets;
using GameStack.Proxy.Gateway.WebSockets;
using GameStack.Proxy.Listening.ProxyProtocol;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;
using GameStack.ServiceDefaults.Shutdown;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

internal static class GatewayExtensions
{
    /// <summary>Adds the gateway, if there is a key that it can check tickets with.</summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        var tickets = builder.AddSettings<TicketsOptions>(TicketsOptions.Section);
        var options = builder.AddSettings<GatewayOptions>(
            GatewayOptions.Section, gateway => gateway.DrainSeconds = isDevelopment ? 0 : gateway.DrainSeconds);
        if (options is { CertificateFile: null, CertificateKeyFile: { } lonely })
        {
            throw Wrong(
                GatewayOptions.Section, nameof(options.CertificateKeyFile), lonely, "Gateway__CertificateFile with it, or no value");
        }

        if (tickets.PublicKeyFile is not { } keyFile)
            return;

        CheckKeys(keyFile);
        if (options.CertificateFile is { } certificateFile)
            CheckCertificate(certificateFile, options.CertificateKeyFile);

        builder.ReserveRoom();
        builder.Services.Configure<ProxyProtocolOptions>(proxy => proxy.GatewayPort = options.Port);
        builder.Services.AddSingleton<GatewayPlaces>();
        builder.Services.TryAddSingleton<ITicketCheck, TicketCheck>();
        builder.Services.AddSingleton<GatewayCertificate>();
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<ServerConnector>();
        builder.Services.AddSingleton<LargeBuffers>();
        builder.Services.AddSingleton<PlayerRoute>();
        builder.Services.AddSingleton<GatewayServer>();
        builder.Services.AddSingleton<IDrainTask>(services => services.GetRequiredService<GatewayServer>());
        builder.Services.AddHostedService(services => services.GetRequiredService<GatewayServer>());

        // The host's time limit for the whole shutdown has to include the wait for live matches.
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<GatewayOptions>>(
            (host, gateway) => host.ShutdownTimeout += gateway.Value.Drain);
    }

    /// <summary>Maps <c>/play</c>, the gateway for browsers.</summary>
    public static void MapGateway(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<TicketsOptions>>().Value.PublicKeyFile is not null)
            app.MapPlay();
    }

    /// <summary>The gateway's connections take their descriptors and their memory from what the HTTP door may use.</summary>
    private static void ReserveRoom(this WebApplicationBuilder builder)
    {
        builder.Services.PostConfigure<GatewayOptions>(gateway => gateway.MaxConnections = Math.Min(
            gateway.MaxConnections,
            ListeningCapacity.Beside(GatewayOptions.DescriptorsPerConnection, GatewayOptions.BytesPerConnection)));
        builder.Services.AddOptions<ListeningCost>().Configure<IOptions<GatewayOptions>>((cost, gateway) =>
        {
            var connections = gateway.Value.MaxConnections;
            var waiting = gateway.Value.WaitingConnections;
            cost.OwnDescriptors += (connections * GatewayOptions.DescriptorsPerConnection) + waiting + ListeningCapacity.Refusals;
            cost.OwnBytes += ((long)connections + waiting) * GatewayOptions.BytesPerConnection;
        });
    }

    private static void CheckKeys(string file)
    {
        try
        {
            if (TicketKey.ReadPem(File.ReadAllText(file)).Count > 0)
                return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Reported below.
        }

        throw Wrong(TicketsOptions.Section, nameof(TicketsOptions.PublicKeyFile), file, "a readable file with P-256 public keys (PEM)");
    }

    private static void CheckCertificate(string file, string? keyFile)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(file, keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Wrong(
                GatewayOptions.Section, nameof(GatewayOptions.CertificateFile), file,
                "a readable file with a certificate (PEM), and its private key there or in Gateway__CertificateKeyFile");
        }
    }

    private static SettingException Wrong(string section, string property, string value, string expected) =>
        SettingException.For($"{section}:{property}", value, expected);
}
