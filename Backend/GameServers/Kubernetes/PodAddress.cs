using System.Globalization;
using System.Net;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Where players reach a pod: <see cref="GameServersOptions.Exposure"/>.</summary>
internal sealed class PodAddress(KubernetesCalls calls, IOptions<GameServersOptions> options)
{
    private readonly GameServersOptions _options = options.Value;

    /// <summary>What is known of a pod with a match; host and port are empty and 0 when players cannot have been told of it.</summary>
    public RunningGameServer Known(GameServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var matchId = pod.MatchId ?? throw new ArgumentException($"Pod {pod.Name} has no match.", nameof(pod));
        return _options.Exposure switch
        {
            GameServerExposure.PodIp => new(matchId, pod.Name, pod.Ip, pod.GamePort),
            GameServerExposure.HostPort => new(matchId, pod.Name, _options.ConnectHost ?? pod.HostIp, pod.HostPort ?? 0),
            _ => pod.Address is { } address && address.LastIndexOf(':') is > 0 and var colon
                ? new(matchId, pod.Name, address[..colon], int.Parse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture))
                : new(matchId, pod.Name, "", 0),
        };
    }

    /// <summary>Makes the pod reachable. The address is there before the server opens its game port.</summary>
    public async Task<ApiAnswer<RunningGameServer>> OpenAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        var known = Known(pod);
        if (_options.Exposure != GameServerExposure.NodePort || known.Port != 0)
        {
            return known.Port == 0
                ? ApiAnswer<RunningGameServer>.Away($"Pod {pod.Name} has no port on its node.")
                : ApiAnswer<RunningGameServer>.Of(known);
        }

        var service = await calls.CreateServiceAsync(ServiceFor(pod, known.MatchId), cancellationToken);
        if (service.Refused == HttpStatusCode.Conflict)
        {
            service = await calls.ReadServiceAsync(pod.Name, cancellationToken); // An earlier try came as far as this.
        }

        if (service.Value?.Spec.Ports[0].NodePort is not { } nodePort)
        {
            return ApiAnswer<RunningGameServer>.Away($"Pod {pod.Name} got no Service: {service.Reason}");
        }

        var server = known with { Host = _options.ConnectHost ?? pod.HostIp, Port = nodePort };
        var told = await calls.PatchPodAsync(pod.Name, PodPatch.Tell(server), cancellationToken);
        return told.Value is null ? ApiAnswer<RunningGameServer>.Away(told.Reason) : ApiAnswer<RunningGameServer>.Of(server);
    }

    /// <summary>It goes with its pod, and leads to no other: a match that needs another try has another pod, and another Service.</summary>
    private V1Service ServiceFor(GameServerPod pod, Guid matchId) => new()
    {
        ApiVersion = V1Service.KubeApiVersion,
        Kind = V1Service.KubeKind,
        Metadata = new V1ObjectMeta
        {
            Name = pod.Name,
            NamespaceProperty = calls.Namespace,
            Labels = new Dictionary<string, string> { [PodNames.App] = PodNames.GameServer, [PodNames.SessionId] = matchId.ToString() },
            OwnerReferences = [new V1OwnerReference { ApiVersion = V1Pod.KubeApiVersion, Kind = V1Pod.KubeKind, Name = pod.Name, Uid = pod.Uid }],
        },
        Spec = new V1ServiceSpec
        {
            Type = "NodePort",
            Selector = new Dictionary<string, string> { [PodNames.App] = PodNames.GameServer, [PodNames.Pod] = pod.Name },
            Ports = [new V1ServicePort { Name = PodNames.GamePort, Port = pod.GamePort, TargetPort = pod.GamePort, Protocol = "TCP" }],
        },
    };
}
