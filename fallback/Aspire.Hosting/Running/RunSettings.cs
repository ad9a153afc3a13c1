using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>Where a run keeps things; section <c>Fallback</c> of the configuration, so <c>Fallback__DataFolder</c> in the environment.</summary>
internal sealed class RunSettings(DistributedApplicationBuilder builder)
{
    /// <summary>Downloaded programs, shared by all runs.</summary>
    public string ToolsFolder { get; } =
        builder.Configuration["Fallback:ToolsFolder"] ?? Path.Combine(builder.ArtifactsFolder, "tools");

    /// <summary>False: no dashboard, and no telemetry is sent.</summary>
    public bool Dashboard { get; } = builder.Configuration.GetValue("Fallback:Dashboard", defaultValue: true);

    /// <summary>The local server's data, of the resource named.</summary>
    public string DataFolder(string resourceName) => Path.Combine(
        builder.Configuration["Fallback:DataFolder"] ?? Path.Combine(builder.ArtifactsFolder, "data"), resourceName);

    public string ProgramOf(string projectPath) => builder.ProgramOf(projectPath);
}
