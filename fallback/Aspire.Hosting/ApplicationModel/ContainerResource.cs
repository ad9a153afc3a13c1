using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A server that the deployed graph runs as a container, and this stand-in as a local server.</summary>
public abstract class ContainerResource : RunnableResource, IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport
{
    private protected ContainerResource(string name, string image)
        : base(name) => Image = image;

    internal string Image { get; }

    internal string? Entrypoint { get; init; }

    internal virtual IReadOnlyList<string> Arguments => [];

    internal ContainerVolume? Volume { get; set; }

    /// <summary>Parameters that only this resource knows; the manifest lists them after the graph's own.</summary>
    internal List<ParameterResource> OwnParameters { get; } = [];

    internal override void WriteManifest(ManifestWriter manifest) => manifest.WriteContainer(this);

    /// <summary>With a volume a folder that outlives the run, else one that does not.</summary>
    internal string DataFolder(RunContext context) =>
        Volume is null ? Directory.CreateTempSubdirectory($"{Name}-").FullName : context.Settings.DataFolder(Name);
}
