using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Tests.Backend.GameServers.Kubernetes;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Deploy;

/// <summary>
/// The policy of <c>deploy/components/admission</c> lets backends do what they do. (Here, nothing evaluates its expressions: the test
/// cluster's API server does not know the kind.)
/// </summary>
public sealed partial class AdmissionTests
{
    private const string PolicyName = "gamestack-backend-pods";

    private static readonly Guid Match = Guid.Parse("1a2b3c4d-0000-4000-8000-000000000001");
    private static readonly BackendIdentity Backend = new("backend-1", "backend-1-1", "ranked");

    [Fact]
    public async Task The_policy_denies_and_holds_in_the_namespace_with_the_Deployment_as_its_parameter()
    {
        var overlay = await Overlay.RenderAsync("production-admission");
        var policy = overlay.Get<V1ValidatingAdmissionPolicy>(PolicyName);
        var binding = overlay.Get<V1ValidatingAdmissionPolicyBinding>(PolicyName);

        Assert.Equal((null, null), (policy.Metadata.NamespaceProperty, binding.Metadata.NamespaceProperty));
        Assert.Equal(("Fail", "Deployment"), (policy.Spec.FailurePolicy, policy.Spec.ParamKind.Kind));
        Assert.Equal((PolicyName, "Deny"), (binding.Spec.PolicyName, Assert.Single(binding.Spec.ValidationActions)));
        Assert.Equal(("game-server", null, "Deny"), (
            binding.Spec.ParamRef.Name, binding.Spec.ParamRef.NamespaceProperty, binding.Spec.ParamRef.ParameterNotFoundAction));
        var label = Assert.Single(binding.Spec.MatchResources.NamespaceSelector.MatchLabels);
        Assert.Contains(label, Assert.Single(overlay.Objects.OfType<V1Namespace>()).Metadata.Labels);
        Assert.Equal("backend", overlay.Get<V1Deployment>("backend").Spec.Template.Spec.ServiceAccountName);
        Assert.EndsWith(":backend'", Assert.Single(policy.Spec.MatchConditions).Expression, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind", null)]
    [InlineData("production", null)]
    [InlineData("test", null)]
    [InlineData("test-node-port", null)]
    [InlineData("test-gateway", null)]
    [InlineData("test-host-port", 7001)]
    public async Task Every_pod_that_a_backend_creates_is_one_that_the_policy_allows(string name, int? hostPort)
    {
        var policy = (await Overlay.RenderAsync("production-admission")).Get<V1ValidatingAdmissionPolicy>(PolicyName).Spec;
        var deployment = (await Overlay.RenderAsync(name)).Get<V1Deployment>("game-server");
        var template = Json(deployment.Spec.Template)["spec"]!;

        var pod = Json(PodForMatch.Make(deployment.Spec.Template, Match, "gamestack", Backend, "k1", hostPort));

        Assert.StartsWith("game-server-", (string)pod["metadata"]!["name"]!, StringComparison.Ordinal);
        Assert.Equal("game-server", (string)pod["metadata"]!["labels"]!["app"]!);
        var spec = pod["spec"]!;
        foreach (var field in Fields(policy, SpecField()))
        {
            AssertSame(field == "nodeName" ? null : template[field], spec[field], field);
        }

        var container = Assert.Single(spec["containers"]!.AsArray())!;
        foreach (var field in Fields(policy, ContainerField()).Where(field => field != "ports"))
        {
            AssertSame(Assert.Single(template["containers"]!.AsArray())![field], container[field], field);
        }

        Assert.All<string>(["hostNetwork", "hostPID", "hostIPC"], field => Assert.Null(spec[field]));
        Assert.All(spec["volumes"]?.AsArray() ?? [], volume => Assert.Null(volume!["hostPath"]));
        Assert.Null(container["securityContext"]!["privileged"]);
        int[] expected = hostPort is { } chosen ? [chosen] : [];
        Assert.Equal(expected, container["ports"]!.AsArray().Select(port => (int?)port!["hostPort"]).OfType<int>());
        Assert.Equal(hostPort is null ? null : "7000-7999", deployment.Metadata.Annotations?["gamestack/host-ports"]);
    }

    [Fact]
    public void A_backend_changes_only_the_metadata_of_a_pod()
    {
        var pod = GameServerPod.Of(TestPods.Standby());
        V1Patch[] steps = [PodPatch.Claim(pod, Match, Backend, "k1"), PodPatch.Return(pod, Match)];
        V1Patch[] merges =
        [
            PodPatch.Repair(pod, Match, Backend),
            PodPatch.RecordAddress(new RunningGameServer(Match, pod.Name, "10.0.0.7", 8080), isGateways: true),
        ];

        Assert.All(
            steps.SelectMany(patch => JsonNode.Parse((string)patch.Content)!.AsArray()),
            step => Assert.StartsWith("/metadata/", (string)step!["path"]!, StringComparison.Ordinal));
        Assert.All(merges, patch => Assert.Equal("metadata", Assert.Single(JsonNode.Parse((string)patch.Content)!.AsObject()).Key));
    }

    private static JsonNode Json(object item) => JsonNode.Parse(KubernetesJson.Serialize(item))!;

    /// <summary>The fields that the policy compares with the template.</summary>
    private static string[] Fields(V1ValidatingAdmissionPolicySpec policy, Regex field)
    {
        string[] fields = [.. policy.Validations
            .SelectMany(validation => field.Matches(validation.Expression)).Select(match => match.Groups["name"].Value).Distinct()];
        Assert.NotEmpty(fields);
        return fields;
    }

    private static void AssertSame(JsonNode? expected, JsonNode? actual, string field) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{field} is {actual}, and in the template {expected}.");

    // dyn(object.spec).?volumes.orValue([])
    [GeneratedRegex(@"dyn\(object\.spec\)\.\?(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SpecField();

    // c.image == t.image, c.?env.orValue([])
    [GeneratedRegex(@"\bc\.\??(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerField();
}
