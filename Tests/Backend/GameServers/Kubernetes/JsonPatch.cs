using System.Text.Json.Nodes;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>The two kinds of patches that a <see cref="FakeCluster"/> understands.</summary>
internal static class JsonPatch
{
    /// <summary>RFC 7396.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                Merge(target[name] as JsonObject ?? Add(target, name), inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <summary>RFC 6902, as far as the backend uses it. False when a test fails, or a path is not there.</summary>
    public static bool TryApply(JsonObject target, JsonArray steps)
    {
        foreach (var step in steps.OfType<JsonObject>())
        {
            var path = ((string)step["path"]!).Split('/')[1..].Select(name => name.Replace("~1", "/", StringComparison.Ordinal)).ToArray();
            var parent = path[..^1].Aggregate((JsonNode?)target, (node, name) => (node as JsonObject)?[name]) as JsonObject;
            var (name, value) = (path[^1], step["value"]);
            switch ((string)step["op"]!)
            {
                case "test" when parent is not null && JsonNode.DeepEquals(parent[name], value):
                    break;
                case "add" when parent is not null:
                    parent[name] = value?.DeepClone();
                    break;
                case "replace" when parent?.ContainsKey(name) == true:
                    parent[name] = value?.DeepClone();
                    break;
                case "remove" when parent?.Remove(name) == true:
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static JsonObject Add(JsonObject target, string name)
    {
        var added = new JsonObject();
        target[name] = added;
        return added;
    }
}
