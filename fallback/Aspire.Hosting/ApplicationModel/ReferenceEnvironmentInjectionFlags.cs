namespace Aspire.Hosting.ApplicationModel;

/// <summary>What <c>WithReference</c> puts into the environment of the resource that makes the reference.</summary>
[Flags]
public enum ReferenceEnvironmentInjectionFlags
{
    None = 0,

    /// <summary><c>ConnectionStrings__redis</c>.</summary>
    ConnectionString = 1,

    /// <summary><c>REDIS_HOST</c> and so on.</summary>
    ConnectionProperties = 2,

    /// <summary><c>services__backend__http__0</c>.</summary>
    ServiceDiscovery = 4,

    /// <summary><c>BACKEND_HTTP</c>.</summary>
    Endpoints = 8,

    All = ConnectionString | ConnectionProperties | ServiceDiscovery | Endpoints,
}
