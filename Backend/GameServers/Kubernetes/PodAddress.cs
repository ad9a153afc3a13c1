using System.Net;
using GameStack.Backend.Tickets;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Where players reach a pod, according to <see cref="KubernetesFleetOptions.Exposure"/>.</summary>
internal sealed class PodAddress(
    KubernetesCalls calls, IOptions<GameServersOptions> servers, IOptions<KubernetesFleetOptions> options,
    IOptions<GatewayAddressOptions> gateway)
{
    private readonly string? _connectHost = servers.Value.ConnectHost;

    /// <summary>
    /// The address of a pod with a match, as its players got it. The pod itself records the address, so a match that was assigned under
    /// another exposure, or another <see cref="GameServersOptions.ConnectHost"/>, keeps its address through a rollout that changes them.
    /// Only for a pod with a port on its node do the settings determine the host, until the address is written down.
    /// </summary>
    public RunningGameServer Known(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var matchId = pod.MatchId ?? throw new ArgumentException($"Pod {pod.Name} has no match.", nameof(pod));
        var admission = MatchAdmission.At(pod.Name, pod.Ip, pod.GamePort) with { KeyIds = pod.TicketKeys ?? "" };
        if (pod.Address is { } address)
        {
            return new(matchId, pod.Name, address.Host, address.Port) { Admission = admission };
        }

        return pod.HostPort is { } hostPort
            ? new(matchId, pod.Name, _connectHost ?? pod.HostIp, hostPort) { Admission = admission }
            : new(matchId, pod.Name, pod.Ip, pod.GamePort) { Admission = admission };
    }

    /// <summary>Whether players may have got an address of this pod.</summary>
    public bool IsOpen(GameServerPod pod) => options.Value.Exposure == GameServerExposure.PodIp || pod.Address is not null;

    /// <summary>Whether this kind of pod can get an address at all.</summary>
    public bool CanOpen(GameServerPod pod) => options.Value.Exposure != GameServerExposure.HostPort || pod.HostPort is not null;

    /// <summary>Makes the pod reachable. The address exists before the server opens its game port.</summary>
    public async Task<Result<RunningGameServer>> OpenAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        var known = Known(pod);
        if (pod.Address is not null)
        {
            return Result<RunningGameServer>.Of(known); // An earlier try already got this far.
        }

        return options.Value.Exposure switch
        {
            GameServerExposure.NodePort => await OpenNodePortAsync(pod, known, cancellationToken),
            GameServerExposure.HostPort when !CanOpen(pod) =>
                Result<RunningGameServer>.Failed($"Pod {pod.Name} has no port on its node."),
            GameServerExposure.HostPort => await RecordAsync(known, cancellationToken),
            GameServerExposure.Gateway =>
                await RecordAsync(known with { Host = gateway.Value.PublicHost!, Port = gateway.Value.PublicPort }, cancellationToken),
            _ => Result<RunningGameServer>.Of(known),
        };
    }

    /// <summary>
    /// The server at the address where a backend checks that it is open to its players: at theirs, or behind the gateway, since the
    /// gateway's own address leads nowhere without a ticket.
    /// </summary>
    public RunningGameServer BehindGateway(GameServerPod pod, RunningGameServer server) =>
        IsBehindGateway(pod) || IsGateways(server) ? server with { Host = pod.Ip, Port = pod.GamePort } : server;

    /// <summary>Records the address that players get.</summary>
    public V1Patch Record(RunningGameServer server) => PodPatch.RecordAddress(server, IsGateways(server));

    /// <summary>Whether players reach the pod by the gateway. Its address shows it if somebody has removed the annotation.</summary>
    public bool IsBehindGateway(GameServerPod pod) => pod.IsBehindGateway || (pod.Address is not null && IsGateways(Known(pod)));

    /// <summary>Whether players reach the pod by a Service.</summary>
    public bool HasService(GameServerPod pod) => pod is { Address: not null, HostPort: null } && !IsBehindGateway(pod);

    /// <summary>Whether a Service is this pod's. Name and selector show it if somebody has removed the owner.</summary>
    public static bool IsServiceOf(V1Service service, GameServerPod pod) => service.Metadata.OwnerReferences is { Count: > 0 } owners
        ? owners.Any(owner => owner.Uid == pod.Uid)
        : service.Metadata.Name.StartsWith(pod.Name, StringComparison.Ordinal)
            && service.Spec?.Selector is { } selector && selector.TryGetValue(PodNames.Pod, out var selected) && selected == pod.Name;

    /// <summary>
    /// The Service is deleted with its pod and leads to no other pod: a match that needs another try gets another pod and another Service.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="nodePort">The port that players got; null for any.</param>
    public V1Service ServiceFor(GameServerPod pod, int? nodePort = null) => new()
    {
        ApiVersion = V1Service.KubeApiVersion,
        Kind = V1Service.KubeKind,
        Metadata = new V1ObjectMeta
        {
            Name = pod.Name,
            NamespaceProperty = calls.Namespace,
            Labels = new Dictionary<string, string> { [PodNames.App] = PodNames.GameServer, [PodNames.SessionId] = $"{pod.MatchId}" },
            OwnerReferences =
            [
                new V1OwnerReference { ApiVersion = V1Pod.KubeApiVersion, Kind = V1Pod.KubeKind, Name = pod.Name, Uid = pod.Uid },
            ],
        },
        Spec = new V1ServiceSpec
        {
            Type = "NodePort",

            // Players may connect to any node (GameServersOptions.ConnectHost), not only to the pod's own.
            ExternalTrafficPolicy = "Cluster",

            // The backend itself checks that the server answers, and seconds before the kubelet says that a new pod is ready.
            PublishNotReadyAddresses = true,
            Selector = new Dictionary<string, string> { [PodNames.App] = PodNames.GameServer, [PodNames.Pod] = pod.Name },
            Ports =
            [
                new V1ServicePort
                {
                    Name = PodNames.GamePort,
                    Port = pod.GamePort,
                    TargetPort = pod.GamePort,
                    Protocol = "TCP",
                    NodePort = nodePort,
                },
            ],
        },
    };

    /// <summary>Creates the pod's Service, under another name if somebody else's has the pod's name.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="nodePort">The port that players got; null for any.</param>
    /// <param name="cancellationToken">Cancels the wait for the answers.</param>
    public async Task<ApiAnswer<V1Service>> CreateServiceAsync(GameServerPod pod, int? nodePort, CancellationToken cancellationToken)
    {
        var service = ServiceFor(pod, nodePort);
        var answer = await calls.CreateServiceAsync(service, cancellationToken);
        if (answer.Refused != HttpStatusCode.Conflict)
        {
            return answer;
        }

        answer = await calls.ReadServiceAsync(pod.Name, cancellationToken);
        if (answer.Value is { } there && IsServiceOf(there, pod))
        {
            return answer; // An earlier try already got this far.
        }

        service.Metadata.Name = PodNames.Another(pod.Name);
        return answer.Value is null && answer.Refused is null ? answer : await calls.CreateServiceAsync(service, cancellationToken);
    }

    private async Task<Result<RunningGameServer>> OpenNodePortAsync(
        GameServerPod pod, RunningGameServer known, CancellationToken cancellationToken)
    {
        var service = await CreateServiceAsync(pod, nodePort: null, cancellationToken);
        return service.Value?.Spec.Ports[0].NodePort is { } nodePort
            ? await RecordAsync(known with { Host = _connectHost ?? pod.HostIp, Port = nodePort }, cancellationToken)
            : Result<RunningGameServer>.Failed(
                $"Pod {pod.Name} got no Service: {(service.Value is null ? service.Reason : "Its Service has no node port.")}");
    }

    /// <summary>Records the address on the pod before any player gets it.</summary>
    private async Task<Result<RunningGameServer>> RecordAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        var patched = await calls.PatchPodAsync(server.Name, Record(server), cancellationToken);
        return patched.Value is null ? Result<RunningGameServer>.Failed(patched.Reason) : Result<RunningGameServer>.Of(server);
    }

    private bool IsGateways(RunningGameServer server) =>
        server.Host == gateway.Value.PublicHost && server.Port == gateway.Value.PublicPort;
}
