using System.Globalization;
using System.Text.Json.Nodes;
using GameStack.Backend.Tickets;
using k8s;
using k8s.Models;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The changes that this fleet makes to a pod.</summary>
internal static class PodPatch
{
    /// <summary>
    /// JSON patch (RFC 6902). Its tests make it fail when the pod is a different one or is no longer on standby. Unlike a resource version,
    /// they tolerate any other change to the pod in the meantime. Only a pod without any annotations, which our manifests do not make, must
    /// not have changed: what gives it the first one would replace those that something else has added since. An address on the pod goes:
    /// it is an earlier match's, or somebody has written it, and it may lead elsewhere.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="matchId">The match.</param>
    /// <param name="backend">The backend that claims the pod.</param>
    /// <param name="ticketKeys">See <see cref="TicketSigner.KeyIds"/>.</param>
    public static V1Patch Claim(GameServerPod pod, Guid matchId, BackendIdentity backend, string ticketKeys)
    {
        JsonArray steps =
        [
            Step("test", "/metadata/uid", pod.Uid),
            Step("test", $"/metadata/labels/{PodNames.Pool}", PodNames.Standby),
            Step("replace", $"/metadata/labels/{PodNames.Pool}", PodNames.Claimed),
            Step("add", $"/metadata/labels/{PodNames.SessionId}", matchId.ToString()),
            Step("add", $"/metadata/labels/{Escape(PodNames.Pod)}", pod.Name),
        ];
        if (!pod.HasAnnotations)
        {
            steps.Add(Step("test", "/metadata/resourceVersion", pod.ResourceVersion));
            steps.Add(Step("add", "/metadata/annotations", new JsonObject()));
        }

        foreach (var (name, value) in Annotations(matchId, backend, pod.Restarts).Append(new(PodNames.TicketKeys, ticketKeys)))
        {
            steps.Add(Step("add", $"/metadata/annotations/{Escape(name)}", value));
        }

        if (pod.HasAddress)
        {
            steps.Add(Remove($"/metadata/annotations/{Escape(PodNames.Address)}"));
        }

        if (pod.SaysGateway)
        {
            steps.Add(Remove($"/metadata/annotations/{Escape(PodNames.Gateway)}"));
        }

        return new V1Patch(steps.ToJsonString(), V1Patch.PatchType.JsonPatch);
    }

    /// <summary>
    /// Undoes <see cref="Claim"/> on a pod whose server has no session yet: its ReplicaSet takes it back. Fails when the pod has another
    /// match by now.
    /// </summary>
    public static V1Patch Return(GameServerPod pod, Guid matchId)
    {
        JsonArray steps =
        [
            Step("test", "/metadata/uid", pod.Uid),
            Step("test", $"/metadata/labels/{PodNames.SessionId}", matchId.ToString()),
            Step("test", $"/metadata/annotations/{Escape(PodNames.Session)}", matchId.ToString()),
            Step("replace", $"/metadata/labels/{PodNames.Pool}", PodNames.Standby),
            Remove($"/metadata/labels/{PodNames.SessionId}"),
            Remove($"/metadata/labels/{Escape(PodNames.Pod)}"),
            Remove($"/metadata/annotations/{Escape(PodNames.Session)}"),
            Remove($"/metadata/annotations/{Escape(PodNames.Backend)}"),
            Remove($"/metadata/annotations/{Escape(PodNames.Queue)}"),
            Remove($"/metadata/annotations/{Escape(PodNames.Restarts)}"),
            Remove($"/metadata/annotations/{Escape(PodNames.SafeToEvict)}"),
            Remove($"/metadata/annotations/{Escape(PodNames.DeletionCost)}"),
        ];
        if (pod.TicketKeys is not null)
        {
            steps.Add(Remove($"/metadata/annotations/{Escape(PodNames.TicketKeys)}")); // Older backends do not set it.
        }

        return new V1Patch(steps.ToJsonString(), V1Patch.PatchType.JsonPatch);
    }

    /// <summary>
    /// Makes the labels and annotations say what the server does: it plays this match. Merge patch (RFC 7396), because any of them may be
    /// missing. Fails when the pod has changed since: another backend may have claimed or repaired it.
    /// </summary>
    /// <param name="pod">The pod, as the API server has just shown it.</param>
    /// <param name="matchId">The match.</param>
    /// <param name="owner">The backend that looks after it, and whose queue has the match; null while nobody knows.</param>
    /// <param name="claim">What is known of the pod's claim, for what somebody has removed.</param>
    public static V1Patch Repair(GameServerPod pod, Guid matchId, BackendIdentity? owner, PodClaim? claim = null)
    {
        var known = claim?.MatchId == matchId ? claim : null;
        var annotations = new JsonObject { [PodNames.Session] = matchId.ToString() };
        if (pod.MatchId != matchId)
        {
            annotations[PodNames.Backend] = annotations[PodNames.Queue] = null; // They belong to another match.
        }

        if (owner is not null)
        {
            var backend = pod.Backend is null && known?.Backend is { } claimer ? owner with { Name = claimer } : owner;
            var restarts = pod.ClaimedAfter is null && known?.ClaimedAfter is { } before ? before : pod.Restarts;
            foreach (var (name, value) in Annotations(matchId, backend, restarts))
            {
                annotations[name] = value;
            }
        }

        if (pod.TicketKeys is null && known?.TicketKeys is { } keys)
        {
            annotations[PodNames.TicketKeys] = keys;
        }

        var labels = new JsonObject
        {
            [PodNames.Pool] = PodNames.Claimed,
            [PodNames.SessionId] = matchId.ToString(),
            [PodNames.Pod] = pod.Name,
        };
        return Merge(new JsonObject
        {
            ["uid"] = pod.Uid,
            ["resourceVersion"] = pod.ResourceVersion,
            ["labels"] = labels,
            ["annotations"] = annotations,
        });
    }

    /// <summary>
    /// Replaces what decides where a Service leads. JSON patch, because a merge would keep selectors that somebody has added. Other labels
    /// and owners than ours stay.
    /// </summary>
    public static V1Patch Correct(V1Service service, V1Service right)
    {
        var labels = new Dictionary<string, string>(right.Metadata.Labels, StringComparer.Ordinal);
        foreach (var (name, value) in service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            labels.TryAdd(name, value);
        }

        var owner = right.Metadata.OwnerReferences[0];
        V1OwnerReference[] owners = [.. (service.Metadata.OwnerReferences ?? []).Where(there => there.Uid != owner.Uid), owner];
        JsonArray steps =
        [
            Step("add", "/metadata/labels", ToJson(labels)),
            Step("add", "/metadata/ownerReferences", ToJson(owners)),
            Step("add", "/spec/type", right.Spec.Type),
            Step("add", "/spec/externalTrafficPolicy", right.Spec.ExternalTrafficPolicy),
            Step("add", "/spec/publishNotReadyAddresses", right.Spec.PublishNotReadyAddresses == true),
            Step("add", "/spec/selector", ToJson(right.Spec.Selector)),
            Step("add", "/spec/ports", ToJson(right.Spec.Ports)),
        ];
        return new V1Patch(steps.ToJsonString(), V1Patch.PatchType.JsonPatch);
    }

    /// <param name="server">The server with the address that players get.</param>
    /// <param name="isGateways">Whether that is the gateway's address, which no Service of the pod leads to.</param>
    public static V1Patch RecordAddress(RunningGameServer server, bool isGateways)
    {
        var annotations = new JsonObject { [PodNames.Address] = $"{new PlayerAddress(server.Host, server.Port)}" };
        if (isGateways)
        {
            annotations[PodNames.Gateway] = "true";
        }

        return Merge(new JsonObject { ["annotations"] = annotations });
    }

    public static Dictionary<string, string> Annotations(Guid matchId, BackendIdentity backend, int restarts) => new(StringComparer.Ordinal)
    {
        [PodNames.Session] = matchId.ToString(),
        [PodNames.Backend] = backend.Name,
        [PodNames.Queue] = backend.Queue,
        [PodNames.Restarts] = restarts.ToString(CultureInfo.InvariantCulture),
        [PodNames.SafeToEvict] = "false",
        [PodNames.DeletionCost] = "2147483647",
    };

    private static JsonNode ToJson(object value) => JsonNode.Parse(KubernetesJson.Serialize(value))!;

    private static V1Patch Merge(JsonObject metadata) =>
        new(new JsonObject { ["metadata"] = metadata }.ToJsonString(), V1Patch.PatchType.MergePatch);

    /// <summary>Escapes a name as RFC 6901 requires.</summary>
    private static string Escape(string name) => name.Replace("/", "~1", StringComparison.Ordinal);

    private static JsonObject Step(string op, string path, JsonNode value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };

    private static JsonObject Remove(string path) => new() { ["op"] = "remove", ["path"] = path };
}
