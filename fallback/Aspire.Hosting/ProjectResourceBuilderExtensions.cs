using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project; the stand-in knows no launch profiles, so <paramref name="launchProfileName"/> must be null.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (launchProfileName is not null)
        {
            throw new DistributedApplicationException("The stand-in of Aspire.Hosting runs projects without their launch profiles.");
        }

        return builder.AddResource(new ProjectResource(name, new TProject().ProjectPath));
    }
}
