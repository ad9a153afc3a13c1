using k8s;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

internal static class KubernetesFleetExtensions
{
    private const string NamespaceVariable = "NAMESPACE";

    public static void AddKubernetesFleet(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KubernetesFleetOptions>()
            .BindConfiguration(GameServersOptions.Section)
            .ValidatePositive(nameof(KubernetesFleetOptions.RouteTimeout), options => options.RouteTimeout)
            .Validate(
                options => options.FirstHostPort >= 1 && options.FirstHostPort <= options.LastHostPort
                    && options.LastHostPort <= ushort.MaxValue,
                "GameServers:FirstHostPort and GameServers:LastHostPort must be port numbers, in this order.")
            .Validate(
                options => File.Exists(options.ControlKeyFile),
                "GameServers:ControlKeyFile must be the path of the private key that control tokens are signed with.")
            .Validate<IOptions<GameServersOptions>>(
                (options, servers) => servers.Value.ConnectHost is null || options.Exposure != GameServerExposure.PodIp,
                $"{GameServersOptions.ConnectHostVariable} is of no use with GameServers:Exposure=PodIp: use NodePort or HostPort.")
            .ValidateOnStart();

        builder.Services.AddSingleton(_ =>
        {
            var cluster = KubernetesClientConfiguration.BuildDefaultConfig();
            cluster.Namespace = builder.Configuration[NamespaceVariable] ?? cluster.Namespace ?? "default";
            return cluster;
        });
        builder.Services.AddSingleton<IKubernetes>(services =>
            new k8s.Kubernetes(services.GetRequiredService<KubernetesClientConfiguration>()));
        builder.Services.AddSingleton(services =>
            new ControlSigner(File.ReadAllText(services.GetRequiredService<IOptions<KubernetesFleetOptions>>().Value.ControlKeyFile!)));

        builder.Services.AddSingleton<KubernetesCalls>();
        builder.Services.AddSingleton<PodCatalog>();
        builder.Services.AddSingleton<PodAddress>();
        builder.Services.AddSingleton<MatchPods>();
        builder.Services.AddSingleton<GameServerHandshake, PodHandshake>();
        builder.Services.AddSingleton<KubernetesFleet>();
        builder.Services.AddSingleton<IGameServerFleet>(services => services.GetRequiredService<KubernetesFleet>());
        builder.Services.AddHostedService<PodWatch>();
        builder.Services.AddHostedService<KubernetesFleetWatch>();
    }
}
