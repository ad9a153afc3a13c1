using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

public abstract class Resource(string name) : IResource
{
    public string Name { get; } = name;

    internal List<Endpoint> Endpoints { get; } = [];

    /// <summary>What the graph asks for, in the order it was asked; a later value of the same name wins.</summary>
    internal Dictionary<string, ResourceValue> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>What a reference that is made from now on puts into <see cref="Environment"/>.</summary>
    internal ReferenceEnvironmentInjectionFlags References { get; set; } = ReferenceEnvironmentInjectionFlags.All;

    internal List<Resource> WaitsFor { get; } = [];

    internal bool ExplicitStart { get; set; }

    internal string? HealthPath { get; set; }

    internal virtual ResourceValue? ConnectionString => null;

    /// <summary>The parts of the connection string, by the names that references prefix with their own.</summary>
    internal virtual IReadOnlyDictionary<string, ResourceValue> ConnectionProperties => new Dictionary<string, ResourceValue>();

    internal abstract void WriteManifest(ManifestWriter manifest);

    internal Endpoint GetEndpoint(string name) =>
        Endpoints.Find(endpoint => string.Equals(endpoint.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new DistributedApplicationException($"The resource '{Name}' has no endpoint '{name}'.");
}
