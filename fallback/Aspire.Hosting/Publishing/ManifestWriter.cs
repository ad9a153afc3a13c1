using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the graph as the Aspire manifest, in the shapes and the order that Aspire 13.5 gives it.</summary>
internal sealed class ManifestWriter(Utf8JsonWriter json, string folder)
{
    private readonly List<string> _environmentValues = [];

    public static string Publish(DistributedApplicationBuilder builder)
    {
        var path = builder.Configuration["output-path"]
            ?? throw new DistributedApplicationException("The '--output-path [path]' option was not specified even though '--publisher manifest' was.");
        path = Path.GetFullPath(path.EndsWith(".json", StringComparison.Ordinal) ? path : Path.Combine(path, "aspire-manifest.json"));
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);

        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        new ManifestWriter(json, folder).WriteGraph(builder.Resources);
        return path;
    }

    public void WriteProject(ProjectResource project)
    {
        json.WriteString("type", "project.v0");
        json.WriteString("path", Path.GetRelativePath(folder, project.ProjectPath).Replace('\\', '/'));

        var environment = new Dictionary<string, ResourceValue>(StringComparer.Ordinal)
        {
            ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = ResourceValue.Of("in_memory"),
        };
        if (project.Endpoints.Count > 0)
        {
            environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = ResourceValue.Of("true");
        }

        if (project.Endpoints.Find(endpoint => endpoint.Scheme == "http") is { } http)
        {
            environment["HTTP_PORTS"] = http.TargetPortValue;
        }

        foreach (var (name, value) in project.Environment)
        {
            environment[name] = value;
        }

        WriteEnvironment(environment);
        WriteBindings(project);
    }

    public void WriteContainer(ContainerResource container)
    {
        json.WriteString("type", "container.v0");
        WriteConnectionString(container);
        json.WriteString("image", container.Image);
        if (container.Entrypoint is not null)
        {
            json.WriteString("entrypoint", container.Entrypoint);
        }

        if (container.Arguments.Count > 0)
        {
            json.WriteStartArray("args");
            foreach (var argument in container.Arguments)
            {
                json.WriteStringValue(argument);
            }

            json.WriteEndArray();
        }

        if (container.Volume is { } volume)
        {
            json.WriteStartArray("volumes");
            json.WriteStartObject();
            json.WriteString("name", volume.Name);
            json.WriteString("target", volume.Target);
            json.WriteBoolean("readOnly", volume.IsReadOnly);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        WriteEnvironment(container.Environment);
        WriteBindings(container);
    }

    public void WriteConnectionStringValue(Resource resource)
    {
        json.WriteString("type", "value.v0");
        WriteConnectionString(resource);
    }

    public void WriteParameter(ParameterResource parameter)
    {
        json.WriteString("type", "parameter.v0");
        json.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        json.WriteStartObject("inputs");
        json.WriteStartObject("value");
        json.WriteString("type", "string");
        if (parameter.Secret)
        {
            json.WriteBoolean("secret", true);
        }

        if (parameter.GeneratedWithSpecialCharacters is { } special)
        {
            json.WriteStartObject("default");
            json.WriteStartObject("generate");
            json.WriteNumber("minLength", 22);
            if (!special)
            {
                json.WriteBoolean("special", false);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteGraph(List<Resource> resources)
    {
        json.WriteStartObject();
        json.WriteStartObject("resources");
        foreach (var resource in resources)
        {
            WriteResource(resource);
        }

        foreach (var parameter in resources.OfType<ContainerResource>().SelectMany(container => container.OwnParameters))
        {
            WriteResource(parameter);
            if (_environmentValues.Exists(value => value.Contains(parameter.UriEncoded.Manifest, StringComparison.Ordinal)))
            {
                json.WriteStartObject($"{parameter.Name}-uri-encoded");
                json.WriteString("type", "annotated.string");
                json.WriteString("value", parameter.Value.Manifest);
                json.WriteString("filter", "uri");
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteResource(Resource resource)
    {
        json.WriteStartObject(resource.Name);
        resource.WriteManifest(this);
        json.WriteEndObject();
    }

    private void WriteConnectionString(Resource resource)
    {
        if (resource.ConnectionString is { } connectionString)
        {
            json.WriteString("connectionString", connectionString.Manifest);
        }
    }

    private void WriteEnvironment(Dictionary<string, ResourceValue> environment)
    {
        if (environment.Count == 0)
        {
            return;
        }

        json.WriteStartObject("env");
        foreach (var (name, value) in environment)
        {
            json.WriteString(name, value.Manifest);
            _environmentValues.Add(value.Manifest);
        }

        json.WriteEndObject();
    }

    private void WriteBindings(Resource resource)
    {
        if (resource.Endpoints.Count == 0)
        {
            return;
        }

        json.WriteStartObject("bindings");
        foreach (var endpoint in resource.Endpoints)
        {
            json.WriteStartObject(endpoint.Name);
            json.WriteString("scheme", endpoint.Scheme);
            json.WriteString("protocol", "tcp");
            json.WriteString("transport", endpoint.IsHttp ? "http" : "tcp");
            if (endpoint.Port is { } port && port != endpoint.TargetPort)
            {
                json.WriteNumber("port", port);
            }

            if (endpoint.TargetPort is { } targetPort)
            {
                json.WriteNumber("targetPort", targetPort);
            }

            if (endpoint.IsExternal)
            {
                json.WriteBoolean("external", true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
