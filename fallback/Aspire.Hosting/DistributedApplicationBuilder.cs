using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    /// <param name="args">The command line.</param>
    /// <param name="metadata">What <c>AppHost.targets</c> writes into the AppHost's assembly.</param>
    public DistributedApplicationBuilder(string[] args, IReadOnlyDictionary<string, string> metadata)
    {
        _metadata = metadata;
        AppHostDirectory = _metadata.GetValueOrDefault("apphostprojectpath", Directory.GetCurrentDirectory());
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppHostDirectory });

        var publisher = Configuration["publisher"];
        if (publisher is not (null or "manifest"))
        {
            throw new DistributedApplicationException($"The publisher '{publisher}' is not there; 'manifest' is.");
        }

        ExecutionContext = new DistributedApplicationExecutionContext(isPublishMode: publisher is not null);
    }

    public DistributedApplicationBuilder(string[] args, Assembly appHost)
        : this(args, appHost.GetCustomAttributes<AssemblyMetadataAttribute>()
            .ToDictionary(attribute => attribute.Key, attribute => attribute.Value ?? string.Empty, StringComparer.Ordinal))
    {
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public IHostEnvironment Environment => _host.Environment;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public List<Resource> Resources { get; } = [];

    /// <summary>Where the build left the program of a project.</summary>
    public string ProgramOf(string projectPath) => _metadata[$"program:{projectPath}"];

    /// <summary>A folder of the repository's for what is downloaded and for data, never committed.</summary>
    public string ArtifactsFolder => _metadata.GetValueOrDefault("artifacts", Path.Combine(AppHostDirectory, "artifacts"));

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.Exists(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There is a resource '{resource.Name}' already.");
        }

        Resources.Add((Resource)(object)resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build() => new(this);

    /// <summary>A name that two AppHosts on one machine do not share.</summary>
    public string VolumeName(string resourceName)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(AppHostDirectory)));
        return $"{Environment.ApplicationName.ToLowerInvariant()}-{hash[..10]}-{resourceName}-data";
    }

    private sealed record ResourceBuilder<T>(IDistributedApplicationBuilder ApplicationBuilder, T Resource) : IResourceBuilder<T>
        where T : IResource;
}
