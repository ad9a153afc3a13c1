namespace Aspire.Hosting.ApplicationModel;

internal sealed class Endpoint(Resource owner, string name, string scheme)
{
    public string Name => name;

    public string Scheme => scheme;

    /// <summary>The port the graph asks for; a free one where it asks for none.</summary>
    public int? Port { get; init; }

    public int? TargetPort { get; init; }

    /// <summary>Another port will do when <see cref="Port"/> is taken.</summary>
    public bool MayMove { get; init; }

    /// <summary>Where this machine's resources find it.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Whether it has a place in the table.</summary>
    public bool IsShown { get; init; } = true;

    public bool IsExternal { get; set; }

    /// <summary>Where the resource listens in this run; 0 until that is known.</summary>
    public int AllocatedPort { get; set; }

    public string HostAndPort => $"{Host}:{AllocatedPort}";

    public bool IsHttp => scheme is "http" or "https";

    public string Address => IsHttp ? $"{scheme}://{HostAndPort}" : HostAndPort;

    public ResourceValue Url => new(Expression("url"), () => $"{scheme}://{HostAndPort}");

    public ResourceValue HostValue => new(Expression("host"), () => AllocatedPort == 0 ? null : Host);

    public ResourceValue PortValue => new(Expression("port"), () => AllocatedPort == 0 ? null : $"{AllocatedPort}");

    public ResourceValue TargetPortValue => new(Expression("targetPort"), () => $"{AllocatedPort}");

    private string Expression(string property) => $"{{{owner.Name}.bindings.{name}.{property}}}";
}
