using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

internal static class ContainerResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string target, string? name, bool isReadOnly)
        where T : ContainerResource
    {
        var application = (DistributedApplicationBuilder)builder.ApplicationBuilder;
        builder.Resource.Volume = new ContainerVolume(name ?? application.VolumeName(builder.Resource.Name), target, isReadOnly);
        return builder;
    }
}
