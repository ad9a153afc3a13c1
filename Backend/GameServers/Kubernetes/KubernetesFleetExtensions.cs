using k8s;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

internal static class KubernetesFleetExtensions
{
    private const string NamespaceVariable = "NAMESPACE";
    private const string BackendVariable = "HOSTNAME";

    public static void AddKubernetesFleet(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<GameServersOptions>()
            .Validate(options => File.Exists(options.ControlKeyFile), "GameServers:ControlKeyFile must be the path of the private key that control tokens are signed with.")
            .Validate(
                options => options.ConnectHost is null || options.Exposure != GameServerExposure.PodIp,
                $"{GameServersOptions.ConnectHostVariable} is of no use with GameServers:Exposure=PodIp: use NodePort or HostPort.");

        builder.Services.AddSingleton(_ => KubernetesClientConfiguration.BuildDefaultConfig());
        builder.Services.AddSingleton<IKubernetes>(services => new k8s.Kubernetes(services.GetRequiredService<KubernetesClientConfiguration>()));
        builder.Services.AddSingleton(services => new KubernetesPlace(
            builder.Configuration[NamespaceVariable] ?? services.GetRequiredService<KubernetesClientConfiguration>().Namespace ?? "default",
            builder.Configuration[BackendVariable] ?? Environment.MachineName));
        builder.Services.AddSingleton(services =>
            new ControlSigner(File.ReadAllText(services.GetRequiredService<IOptions<GameServersOptions>>().Value.ControlKeyFile!)));

        builder.Services.AddSingleton<KubernetesCalls>();
        builder.Services.AddSingleton<PodCatalog>();
        builder.Services.AddSingleton<PodAddress>();
        builder.Services.AddSingleton<MatchPods>();
        builder.Services.AddSingleton<KubernetesFleet>();
        builder.Services.AddSingleton<IGameServerFleet>(services => services.GetRequiredService<KubernetesFleet>());
        builder.Services.AddHostedService<PodWatch>();
        builder.Services.AddHostedService<KubernetesFleetWatch>();
    }
}
