using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

public sealed class ProjectResource : RunnableResource, IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal ProjectResource(string name, string projectPath)
        : base(name) => ProjectPath = projectPath;

    internal string ProjectPath { get; }

    internal override Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken) =>
        ProjectStart.StartAsync(this, context);

    internal override void WriteManifest(ManifestWriter manifest) => manifest.WriteProject(this);
}
