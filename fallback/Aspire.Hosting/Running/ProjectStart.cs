using Aspire.Hosting.ApplicationModel;
using LocalServers;

namespace Aspire.Hosting.Running;

/// <summary>Starts the built program of a project with the environment that Aspire gives it in the inner loop.</summary>
internal static class ProjectStart
{
    // Longer than a service drains, shorter than anybody's patience at Ctrl+C.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task<StartResult> StartAsync(ProjectResource project, RunContext context)
    {
        if (project.Endpoints.Find(endpoint => !FreePort.IsFree(endpoint.AllocatedPort)) is { } taken)
        {
            return new StartResult.Failed($"port {taken.AllocatedPort} is taken by another program");
        }

        var library = context.Settings.ProgramOf(project.ProjectPath);
        var program = Path.ChangeExtension(library, OperatingSystem.IsWindows() ? "exe" : null);
        if (!File.Exists(program) && !File.Exists(library))
        {
            return new StartResult.Failed($"it is not built: there is no {library}");
        }

        string[] command = File.Exists(program) ? [program] : ["dotnet", library];
        return new StartResult.Started(await ChildProcess.StartAsync(
            command, Path.GetDirectoryName(project.ProjectPath)!, EnvironmentOf(project, context), context.Log, s_patience));
    }

    private static Dictionary<string, string> EnvironmentOf(ProjectResource project, RunContext context)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
            ["LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE"] = "true",
            ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
        };

        // An apphost looks for the runtime in the usual places only; this one is known to be there.
        if (Path.GetDirectoryName(typeof(object).Assembly.Location) is { Length: > 0 } runtime)
        {
            environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        }

        if (context.OtlpEndpoint?.Current() is { } otlpEndpoint)
        {
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlpEndpoint;
            environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            environment["OTEL_SERVICE_NAME"] = project.Name;
            environment["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.NewGuid().ToString("N")[..8]}";

            // Telemetry is to be seen at once, and all of it.
            environment["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            environment["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            environment["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            environment["OTEL_TRACES_SAMPLER"] = "always_on";
            environment["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }

        var urls = project.Endpoints.Where(endpoint => endpoint.IsHttp).Select(endpoint => endpoint.Address).ToArray();
        if (urls.Length > 0)
        {
            environment["ASPNETCORE_URLS"] = string.Join(';', urls);
        }

        foreach (var (name, value) in project.Environment)
        {
            if (value.Current() is { } current)
            {
                environment[name] = current;
            }
        }

        return environment;
    }
}
