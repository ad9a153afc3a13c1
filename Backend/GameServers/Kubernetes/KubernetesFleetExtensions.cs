using System.Globalization;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using k8s;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.GameServers.Kubernetes;

internal static class KubernetesFleetExtensions
{
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static void AddKubernetesFleet(this IHostApplicationBuilder builder, GameServersOptions servers, TicketsOptions tickets)
    {
        var options = builder.AddSettings<KubernetesFleetOptions>(GameServersOptions.Section);
        var gateway = builder.AddSettings<GatewayAddressOptions>(GatewayAddressOptions.Section);
        if (options.FirstHostPort > options.LastHostPort)
        {
            throw Wrong(
                nameof(options.FirstHostPort), options.FirstHostPort.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"at most GameServers__LastHostPort, which is {options.LastHostPort}"));
        }

        if (servers.ConnectHost is { } host && options.Exposure is (GameServerExposure.PodIp or GameServerExposure.Gateway))
        {
            throw SettingException.For(
                GameServersOptions.ConnectHostVariable, host,
                $"no value with GameServers__Exposure={options.Exposure}, but with NodePort or HostPort");
        }

        if (options.Exposure == GameServerExposure.Gateway)
        {
            CheckGateway(gateway, tickets);
        }

        var signer = ReadKey(options.ControlKeyFile);
        CheckCredentials();
        builder.Services.AddSingleton(_ =>
        {
            var cluster = KubernetesClientConfiguration.BuildDefaultConfig();
            cluster.Namespace = options.Namespace ?? cluster.Namespace ?? "default";
            return cluster;
        });
        builder.Services.AddSingleton<IKubernetes>(services =>
            new k8s.Kubernetes(services.GetRequiredService<KubernetesClientConfiguration>()));
        builder.Services.AddSingleton(_ => signer);

        builder.Services.AddSingleton<FleetObstacles>();
        builder.Services.AddSingleton<KubernetesAccess>();
        builder.Services.AddSingleton<StandbyAccess>();
        builder.Services.AddHealthChecks().AddCheck<FleetHealthCheck>("kubernetes", HealthStatus.Degraded);
        builder.Services.AddSingleton<KubernetesCalls>();
        builder.Services.AddSingleton<PodCatalog>();
        builder.Services.AddSingleton<PodAddress>();
        builder.Services.AddSingleton<StandbyPods>();
        builder.Services.AddSingleton<NewPods>();
        builder.Services.AddSingleton<MatchPods>();
        builder.Services.AddSingleton<PodAssigner>();
        builder.Services.AddSingleton<PodAllocator>();
        builder.Services.AddSingleton<PlayerRoutes>();
        builder.Services.AddSingleton<OrphanedPods>();
        builder.Services.AddSingleton<GameServerHandshake, PodHandshake>();
        builder.Services.AddSingleton<KubernetesFleet>();
        builder.Services.AddSingleton<IGameServerFleet>(services => services.GetRequiredService<KubernetesFleet>());
        builder.Services.AddHostedService<PodWatch>();
        builder.Services.AddHostedService<StandbyAccessCheck>();
        builder.Services.AddHostedService<KubernetesFleetWatch>();
    }

    /// <summary>Without any, the client would call localhost as nobody.</summary>
    private static void CheckCredentials()
    {
        if (!KubernetesClientConfiguration.IsInCluster() && !File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBECONFIG")))
        {
            throw Wrong(
                nameof(GameServersOptions.Fleet), nameof(FleetKind.Kubernetes),
                "a pod with the token of a service account (automountServiceAccountToken), or KUBECONFIG, too");
        }
    }

    private static void CheckGateway(GatewayAddressOptions gateway, TicketsOptions tickets)
    {
        if (gateway.PublicHost is null)
        {
            throw Wrong(
                nameof(KubernetesFleetOptions.Exposure), nameof(GameServerExposure.Gateway),
                "Gateway__PublicHost, too: the host that players reach the gateway at");
        }

        if (!tickets.HasKey)
        {
            throw Wrong(
                nameof(KubernetesFleetOptions.Exposure), nameof(GameServerExposure.Gateway),
                "Tickets__KeyFile, too: the gateway lets nobody in without a ticket");
        }
    }

    private static ControlSigner ReadKey(string? file)
    {
        try
        {
            return file is null
                ? throw new SettingException("GameServers__ControlKeyFile is not set; expected the file of a P-256 private key (PEM).")
                : new ControlSigner(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Wrong(nameof(KubernetesFleetOptions.ControlKeyFile), file, "a readable file with a P-256 private key (PEM)");
        }
    }

    private static SettingException Wrong(string property, string? value, string expected) =>
        SettingException.For($"{GameServersOptions.Section}:{property}", value, expected);
}
