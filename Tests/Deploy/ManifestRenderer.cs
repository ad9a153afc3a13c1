using System.Text.Json;
using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace GameStack.Tests.Deploy;

/// <summary>
/// Renders the templates in <c>deploy/aspirate</c> as Aspirate 9.1.0 does with the options of <c>generate.sh</c>: the same engine, and a
/// model with the same members, for as much of both as this graph and these templates use.
/// </summary>
internal sealed partial class ManifestRenderer(JsonElement resources, string templates)
{
    /// <summary>Aspirate's choice for an HTTP endpoint that names no port.</summary>
    private const int DefaultHttpPort = 8080;

    /// <summary>File path below <c>deploy/base</c> to its text.</summary>
    public Dictionary<string, string> Render()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var resource in resources.EnumerateObject())
        {
            var type = resource.Value.GetProperty("type").GetString();
            if (type is not ("project.v0" or "container.v0"))
                continue;

            names.Add(resource.Name);
            var workload = resource.Value.TryGetProperty("volumes", out _) ? "statefulset" : "deployment";
            var model = ModelOf(resource.Name, resource.Value, [$"{workload}.yaml", "service.yaml"]);
            foreach (var template in new[] { workload, "service", "kustomization" })
            {
                files[$"{resource.Name}/{template}.yaml"] = Fill(template, model);
            }
        }

        files["kustomization.yaml"] = Fill(
            "kustomization", new Dictionary<string, object?>(StringComparer.Ordinal) { ["manifests"] = names });
        return files;
    }

    private string Fill(string template, Dictionary<string, object?> model) =>
        Handlebars.Compile(File.ReadAllText(Path.Combine(templates, $"{template}.hbs")))(model);

    private Dictionary<string, object?> ModelOf(string name, JsonElement resource, string[] manifests)
    {
        var arguments = resource.TryGetProperty("args", out var args)
            ? args.EnumerateArray().Select(argument => argument.GetString()).ToList()
            : [];
        var bindings = resource.GetProperty("bindings").EnumerateObject();
        var ports = bindings.Select(binding => new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = binding.Name,
            ["internalPort"] = TargetPort(binding),
            ["externalPort"] = binding.Value.TryGetProperty("port", out var port) ? port.GetInt32() : 0,
        }).ToList();
        return new(StringComparer.Ordinal)
        {
            ["name"] = name,
            ["manifests"] = manifests,
            ["env"] = resource.GetProperty("env").EnumerateObject().ToDictionary(
                variable => variable.Name, variable => Resolve(variable.Value.GetString()!), StringComparer.Ordinal),
            ["volumes"] = resource.TryGetProperty("volumes", out var volumes)
                ? volumes.EnumerateArray().Select(volume => new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["name"] = volume.GetProperty("name").GetString(),
                    ["target"] = volume.GetProperty("target").GetString(),
                }).ToList()
                : [],
            ["containerImage"] = resource.TryGetProperty("image", out var image) ? image.GetString() : $"{name}:local",
            ["imagePullPolicy"] = "IfNotPresent",
            ["entrypoint"] = resource.TryGetProperty("entrypoint", out var entrypoint) ? entrypoint.GetString() : null,
            ["args"] = arguments,
            ["hasArgs"] = arguments.Count > 0,
            ["ports"] = ports,
            ["hasPorts"] = ports.Count > 0,
            ["serviceType"] = "ClusterIP",
            ["withPrivateRegistry"] = false,
        };
    }

    /// <summary>Resolves <c>{postgres.connectionString};Database=matches</c> and what that stands for in turn.</summary>
    private string Resolve(string text) => Expression().Replace(text, match => match.Groups["path"].Value.Split('.') switch
    {
        [var parameter, "value"] => $"$(SECRET_{parameter.ToUpperInvariant().Replace('-', '_')})",
        [var name, "connectionString"] => Resolve(resources.GetProperty(name).GetProperty("connectionString").GetString()!),
        [var name, "bindings", _, "host"] => name,
        [var name, "bindings", var binding, "port" or "targetPort"] => $"{TargetPort(Binding(name, binding))}",
        [var name, "bindings", var binding, "url"] => $"http://{name}:{TargetPort(Binding(name, binding))}",
        _ => throw new InvalidOperationException($"Aspirate's rule for {match.Value} is not known here."),
    });

    private JsonProperty Binding(string resource, string name) =>
        resources.GetProperty(resource).GetProperty("bindings").EnumerateObject().Single(binding => binding.Name == name);

    private static int TargetPort(JsonProperty binding) =>
        binding.Value.TryGetProperty("targetPort", out var port) ? port.GetInt32()
        : binding.Name == "http" ? DefaultHttpPort
        : throw new InvalidOperationException($"The binding {binding.Name} names no target port, and Aspirate would write 0.");

    [GeneratedRegex(@"\{(?<path>[\w.-]+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Expression();
}
