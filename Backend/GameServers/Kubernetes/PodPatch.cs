using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The changes that this fleet makes to a pod.</summary>
internal static class PodPatch
{
    /// <summary>
    /// JSON patch (RFC 6902). Its tests make it fail when the pod is a different one or is no longer on standby. Unlike a resource version,
    /// they tolerate any other change to the pod in the meantime.
    /// </summary>
    public static V1Patch Claim(GameServerPod pod, Guid matchId, BackendIdentity backend)
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
            steps.Add(Step("add", "/metadata/annotations", new JsonObject()));
        }

        foreach (var (name, value) in Annotations(backend, pod.Restarts))
        {
            steps.Add(Step("add", $"/metadata/annotations/{Escape(name)}", value));
        }

        return new V1Patch(steps.ToJsonString(), V1Patch.PatchType.JsonPatch);
    }

    /// <summary>Merge patch (RFC 7396).</summary>
    public static V1Patch RecordAddress(RunningGameServer server)
    {
        var annotations = new JsonObject { [PodNames.Address] = $"{server.Host}:{server.Port}" };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        return new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch);
    }

    public static Dictionary<string, string> Annotations(BackendIdentity backend, int restarts) => new(StringComparer.Ordinal)
    {
        [PodNames.Backend] = backend.Name,
        [PodNames.Queue] = backend.Queue,
        [PodNames.Restarts] = restarts.ToString(CultureInfo.InvariantCulture),
        [PodNames.SafeToEvict] = "false",
    };

    /// <summary>Escapes a name as RFC 6901 requires.</summary>
    private static string Escape(string name) => name.Replace("/", "~1", StringComparison.Ordinal);

    private static JsonObject Step(string op, string path, JsonNode value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };
}
