using System.Globalization;
using System.Net;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Where players reach a pod, according to <see cref="KubernetesFleetOptions.Exposure"/>.</summary>
internal sealed class PodAddress(KubernetesCalls calls, IOptions<GameServersOptions> servers, IOptions<KubernetesFleetOptions> options)
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
        if (pod.Address is { } address && address.LastIndexOf(':') is > 0 and var colon
            && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return new(matchId, pod.Name, address[..colon], port);
        }

        return pod.HostPort is { } hostPort
            ? new(matchId, pod.Name, _connectHost ?? pod.HostIp, hostPort)
            : new(matchId, pod.Name, pod.Ip, pod.GamePort);
    }

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
            GameServerExposure.HostPort when pod.HostPort is null =>
                Result<RunningGameServer>.Failed($"Pod {pod.Name} has no port on its node."),
            GameServerExposure.HostPort => await RecordAsync(known, cancellationToken),
            _ => Result<RunningGameServer>.Of(known),
        };
    }

    private async Task<Result<RunningGameServer>> OpenNodePortAsync(
        GameServerPod pod, RunningGameServer known, CancellationToken cancellationToken)
    {
        var service = await calls.CreateServiceAsync(ServiceFor(pod, known.MatchId), cancellationToken);
        if (service.Refused == HttpStatusCode.Conflict)
        {
            service = await calls.ReadServiceAsync(pod.Name, cancellationToken); // An earlier try already got this far.
        }

        return service.Value?.Spec.Ports[0].NodePort is { } nodePort
            ? await RecordAsync(known with { Host = _connectHost ?? pod.HostIp, Port = nodePort }, cancellationToken)
            : Result<RunningGameServer>.Failed($"Pod {pod.Name} got no Service: {service.Reason}");
    }

    /// <summary>Records the address on the pod before any player gets it.</summary>
    private async Task<Result<RunningGameServer>> RecordAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        var patched = await calls.PatchPodAsync(server.Name, PodPatch.RecordAddress(server), cancellationToken);
        return patched.Value is null ? Result<RunningGameServer>.Failed(patched.Reason) : Result<RunningGameServer>.Of(server);
    }

    /// <summary>
    /// The Service is deleted with its pod and leads to no other pod: a match that needs another try gets another pod and another Service.
    /// </summary>
    private V1Service ServiceFor(GameServerPod pod, Guid matchId) => new()
    {
        ApiVersion = V1Service.KubeApiVersion,
        Kind = V1Service.KubeKind,
        Metadata = new V1ObjectMeta
        {
            Name = pod.Name,
            NamespaceProperty = calls.Namespace,
            Labels = new Dictionary<string, string> { [PodNames.App] = PodNames.GameServer, [PodNames.SessionId] = matchId.ToString() },
            OwnerReferences =
            [
                new V1OwnerReference { ApiVersion = V1Pod.KubeApiVersion, Kind = V1Pod.KubeKind, Name = pod.Name, Uid = pod.Uid },
            ],
        },
        Spec = new V1ServiceSpec
        {
            Type = "NodePort",
            Selector = new Dictionary<string, string> { [PodNames.App] = PodNames.GameServer, [PodNames.Pod] = pod.Name },
            Ports = [new V1ServicePort { Name = PodNames.GamePort, Port = pod.GamePort, TargetPort = pod.GamePort, Protocol = "TCP" }],
        },
    };
}
