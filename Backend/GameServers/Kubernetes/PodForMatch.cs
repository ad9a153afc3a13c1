using GameStack.Backend.Tickets;
using k8s;
using k8s.Models;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>A pod like those of the standby pool, but created for one match and never restarted.</summary>
internal static class PodForMatch
{
    public const string NoRestart = "Never";

    /// <param name="template">The Deployment's template.</param>
    /// <param name="matchId">The match.</param>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="backend">The backend that creates the pod.</param>
    /// <param name="ticketKeys">See <see cref="TicketSigner.KeyIds"/>.</param>
    /// <param name="hostPort">The node's port that leads to the game port; null for none.</param>
    public static V1Pod Make(
        V1PodTemplateSpec template, Guid matchId, string @namespace, BackendIdentity backend, string ticketKeys, int? hostPort)
    {
        ArgumentNullException.ThrowIfNull(template);
        var spec = KubernetesJson.Deserialize<V1PodSpec>(KubernetesJson.Serialize(template.Spec)); // Other matches have the same template.
        spec.RestartPolicy = NoRestart;
        var container = spec.Containers.FirstOrDefault(container => container.Name == PodNames.GameServer) ?? spec.Containers[0];
        if (hostPort is not null && container.Ports?.FirstOrDefault(port => port.Name == PodNames.GamePort) is { } game)
        {
            game.HostPort = hostPort;
        }

        var annotations = PodPatch.Annotations(matchId, backend, restarts: 0);
        annotations[PodNames.TicketKeys] = ticketKeys;
        foreach (var (name, value) in template.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            // Somebody may have copied a match's pod, with the address of its players.
            if (!name.StartsWith(PodNames.Prefix, StringComparison.Ordinal))
            {
                annotations.TryAdd(name, value);
            }
        }

        return new V1Pod
        {
            ApiVersion = V1Pod.KubeApiVersion,
            Kind = V1Pod.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = PodNames.Of(matchId),
                NamespaceProperty = @namespace,
                Annotations = annotations,
                Labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>())
                {
                    [PodNames.App] = PodNames.GameServer,
                    [PodNames.Pool] = PodNames.Claimed,
                    [PodNames.SessionId] = matchId.ToString(),
                    [PodNames.Pod] = PodNames.Of(matchId),
                },
            },
            Spec = spec,
        };
    }
}
