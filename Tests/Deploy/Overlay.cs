using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Deploy;

/// <summary>
/// What <c>kubectl apply -k deploy/overlays/…</c> would apply, read strictly: a field that Kubernetes does not know is an error.
/// </summary>
internal sealed class Overlay
{
    private static readonly Dictionary<string, Type> Types = new(StringComparer.Ordinal)
    {
        ["v1/Namespace"] = typeof(V1Namespace),
        ["v1/ServiceAccount"] = typeof(V1ServiceAccount),
        ["v1/Service"] = typeof(V1Service),
        ["v1/ResourceQuota"] = typeof(V1ResourceQuota),
        ["v1/LimitRange"] = typeof(V1LimitRange),
        ["apps/v1/Deployment"] = typeof(V1Deployment),
        ["apps/v1/StatefulSet"] = typeof(V1StatefulSet),
        ["batch/v1/Job"] = typeof(V1Job),
        ["autoscaling/v2/HorizontalPodAutoscaler"] = typeof(V2HorizontalPodAutoscaler),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
        ["networking.k8s.io/v1/NetworkPolicy"] = typeof(V1NetworkPolicy),
        ["rbac.authorization.k8s.io/v1/Role"] = typeof(V1Role),
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = typeof(V1RoleBinding),
        ["admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy"] = typeof(V1ValidatingAdmissionPolicy),
        ["admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding"] = typeof(V1ValidatingAdmissionPolicyBinding),
    };

    private Overlay(string text) => (Text, Objects) = (text, KubernetesYaml.LoadAllFromString(text, Types, strict: true));

    public string Text { get; }

    public IReadOnlyList<object> Objects { get; }

    /// <summary>The pod templates, by the name of what makes the pods.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Template)> PodTemplates =>
        Objects.SelectMany(IEnumerable<(string, V1PodTemplateSpec)> (item) => item switch
        {
            V1Deployment deployment => [(deployment.Metadata.Name, deployment.Spec.Template)],
            V1StatefulSet set => [(set.Metadata.Name, set.Spec.Template)],
            V1Job job => [(job.Metadata.Name, job.Spec.Template)],
            _ => [],
        });

    /// <summary>Skips the test, saying why, where there is no kubectl to render with.</summary>
    public static async Task<Overlay> RenderAsync(string name)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        DeployTools.Require("kubectl", "kustomize is part of it");
        return new Overlay(
            await CommandLine.RunAsync("kubectl", ["kustomize", Path.Combine("deploy", "overlays", name)], cancellationToken));
    }

    public T Get<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Objects.OfType<T>().Single(item => item.Metadata.Name == name);
}
