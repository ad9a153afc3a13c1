using GameStack.Tests.Backend.Access;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>
/// The committed manifests, deployed to the cluster that <c>KUBECONFIG</c> names, with images that are there already: <c>backend:local</c>,
/// <c>proxy:local</c>, <c>game-server:local</c> and <c>load-tester:local</c>.
/// </summary>
public sealed class ClusterStack : IAsyncLifetime
{
    public const string Place = "gamestack-test";

    /// <summary>Players inside the cluster, by their pods' own addresses.</summary>
    public const string InsideOverlay = "test";

    /// <summary>Players outside, on a NodePort each match.</summary>
    public const string OutsideOverlay = "test-node-port";

    /// <summary>Players outside, on a port of the node.</summary>
    public const string HostPortOverlay = "test-host-port";

    /// <summary>Players outside, with tokens, through the gateway.</summary>
    public const string GatewayOverlay = "test-gateway";

    public const int SessionSize = 4;
    public const int Standby = 8;
    public const string GameServers = "app=game-server";
    public const string Claimed = "app=game-server,pool=claimed";
    public const string Free = "app=game-server,pool=standby";

    private static readonly TimeSpan RolloutLimit = TimeSpan.FromSeconds(180);

    private Kubernetes? _client;
    private ContractClient? _proxy;
    private string? _exposure;

    /// <summary>Why there is no cluster to test on; null when there is one.</summary>
    public static string? Obstacle { get; } = Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } path
        ? File.Exists(path) ? null : $"KUBECONFIG names {path}, which does not exist."
        : "KUBECONFIG names no cluster to test on.";

    public IKubernetes Client => _client ?? throw new InvalidOperationException("There is no cluster.");

    /// <summary>Who issues the tokens of players, where they need one.</summary>
    internal TestIssuer Issuer { get; } = new();

    /// <summary>The public door, from outside the cluster.</summary>
    public ContractClient Proxy => _proxy ?? throw new InvalidOperationException("Nothing is deployed.");

    internal ClusterPods Pods => new(Client, Place);

    /// <summary>
    /// Skips the test where there is no cluster; else everything is deployed and ready, and players reach matches as
    /// <paramref name="overlay"/> says.
    /// </summary>
    public async Task UseAsync(string overlay)
    {
        Assert.SkipWhen(Obstacle is not null, Obstacle ?? "");
        if (_exposure != overlay)
        {
            await Kubectl.RunAsync("apply", "--kustomize", $"deploy/overlays/{overlay}");
            if (overlay == InsideOverlay)
            {
                // What is no longer in the manifests is not taken away by applying them.
                await Kubectl.RunAsync(
                    "--namespace", Place, "delete", "--ignore-not-found",
                    "role/backend-node-port", "rolebinding/backend-node-port", "networkpolicy/backend-node-port");
            }

            string[] workloads =
                ["statefulset/redis", "statefulset/postgres", "deployment/backend", "deployment/proxy", "deployment/game-server"];
            foreach (var workload in workloads)
            {
                await Kubectl.RunAsync("--namespace", Place, "rollout", "status", workload, $"--timeout={RolloutLimit.TotalSeconds}s");
            }

            // A rollout is over while the pods before it still answer the calls that they have.
            await Pods.WaitAsync(
                "app in (backend, proxy)", "no backend or proxy from before",
                pods => pods.All(pod => pod.Metadata.DeletionTimestamp is null), RolloutLimit);
            _proxy ??= new ContractClient(new Uri(await FindAsync("proxy", "http"), "api/"));
            _exposure = overlay;
        }

        await SettleAsync();
    }

    /// <summary>Waits until nobody plays, the pool is full, and no pod is left over.</summary>
    public async Task SettleAsync()
    {
        await ScaleAsync(Standby);
        await Pods.WaitAsync(
            GameServers, $"{Standby} servers on standby and no other",
            pods => pods.Count == Standby && pods.All(pod => pod.Metadata.Labels["pool"] == "standby" && ClusterPods.IsReady(pod)),
            RolloutLimit);
    }

    public async Task ScaleAsync(int standby) => await Client.AppsV1.PatchNamespacedDeploymentScaleAsync(
        new V1Patch($$"""{"spec":{"replicas":{{standby}} } }""", V1Patch.PatchType.MergePatch), "game-server", Place,
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Changes the game server's Deployment, as a studio that ships a new version does.</summary>
    public async Task PatchGameServerAsync(string json) => await Client.AppsV1.PatchNamespacedDeploymentAsync(
        new V1Patch(json, V1Patch.PatchType.StrategicMergePatch),
        "game-server",
        Place,
        cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask InitializeAsync()
    {
        if (Obstacle is not null)
        {
            return;
        }

        _client = new Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
        await Kubectl.RunAsync("delete", "namespace", Place, "--ignore-not-found", "--timeout=120s"); // What an earlier run has left.
        await CommandLine.RunAsync("bash", ["deploy/secrets.sh", Place], CancellationToken.None);
        await Kubectl.RunAsync(
            "--namespace", Place, "create", "configmap", "player-tokens", $"--from-literal=public-key={Issuer.PublicPem}");
    }

    public async ValueTask DisposeAsync()
    {
        _proxy?.Dispose();
        Issuer.Dispose();
        if (_client is not null)
        {
            await Kubectl.RunAsync("delete", "namespace", Place, "--wait=false");
            _client.Dispose();
        }
    }

    /// <summary>Where a port of a Service can be reached from outside the cluster.</summary>
    public async Task<Uri> FindAsync(string service, string port)
    {
        var ports = (await Client.CoreV1.ReadNamespacedServiceAsync(service, Place)).Spec.Ports;
        var node = (await Client.CoreV1.ListNodeAsync()).Items[0].Status.Addresses.First(address => address.Type == "InternalIP").Address;
        return new Uri($"http://{node}:{ports.Single(there => there.Name == port).NodePort}");
    }
}
