using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.Set(name, ResourceValue.Of(value ?? string.Empty));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.Set(name, endpointReference.Endpoint.Url);

    /// <summary>Holds for the references that are made after this call.</summary>
    public static IResourceBuilder<TDestination> WithReferenceEnvironment<TDestination>(
        this IResourceBuilder<TDestination> builder, ReferenceEnvironmentInjectionFlags flags)
        where TDestination : IResourceWithEnvironment
    {
        builder.Model().References = flags;
        return builder;
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Model();
        var name = connectionName ?? resource.Name;
        var wanted = builder.Model().References;
        if (wanted.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionString) && resource.ConnectionString is { } connectionString)
        {
            builder.Set($"ConnectionStrings__{name}", connectionString with { Manifest = $"{{{resource.Name}.connectionString}}" });
        }

        if (wanted.HasFlag(ReferenceEnvironmentInjectionFlags.ConnectionProperties))
        {
            foreach (var (property, value) in resource.ConnectionProperties)
            {
                builder.Set($"{EnvironmentName(name)}_{property.ToUpperInvariant()}", value);
            }
        }

        return builder;
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        var wanted = builder.Model().References;
        foreach (var endpoint in source.Model().Endpoints)
        {
            if (wanted.HasFlag(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                builder.Set($"{EnvironmentName(source.Resource.Name)}_{EnvironmentName(endpoint.Name)}", endpoint.Url);
            }

            if (wanted.HasFlag(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                builder.Set($"services__{source.Resource.Name}__{endpoint.Name}__0", endpoint.Url);
            }
        }

        return builder;
    }

    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null,
        string? env = null, bool? isExternal = null)
        where T : IResourceWithEndpoints
    {
        var model = builder.Model();
        var endpoint = new Endpoint(model, name ?? scheme ?? "tcp", scheme ?? "tcp")
        {
            Port = port,
            TargetPort = targetPort,
            IsExternal = isExternal ?? false,
        };
        model.Endpoints.Add(endpoint);
        if (env is not null)
        {
            model.Environment[env] = endpoint.TargetPortValue;
        }

        return builder;
    }

    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env);

    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Model().Endpoints.Where(endpoint => endpoint.IsHttp))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => new(builder.Model(), name);

    /// <summary>The resource counts as ready once a GET of <paramref name="path"/> is answered with 200.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null)
        where T : IResourceWithEndpoints
    {
        builder.Model().HealthPath = path ?? "/";
        return builder;
    }

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
    {
        builder.Model().WaitsFor.Add(dependency.Model());
        return builder;
    }

    public static IResourceBuilder<T> WithExplicitStart<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        builder.Model().ExplicitStart = true;
        return builder;
    }

    internal static Resource Model<T>(this IResourceBuilder<T> builder)
        where T : IResource => (Resource)(object)builder.Resource;

    private static IResourceBuilder<T> Set<T>(this IResourceBuilder<T> builder, string name, ResourceValue value)
        where T : IResource
    {
        builder.Model().Environment[name] = value;
        return builder;
    }

    private static string EnvironmentName(string name)
    {
        var encoded = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            encoded.Append(char.IsAsciiLetterOrDigit(character) ? char.ToUpperInvariant(character) : '_');
        }

        return encoded.ToString();
    }
}
