using LocalServers;

namespace GameStack.AppHost.Servers;

/// <summary>
/// A server that runs as a program on this machine instead of as a container. It shares the container's annotations, so everything that
/// refers to the container (endpoints, connection strings, waits) also works for the program.
/// </summary>
internal sealed class ServerProgramResource(IResourceWithConnectionString container)
    : ExecutableResource(container.Name, ServerPlan.Script, "/"), IResourceWithConnectionString
{
    // Field initializers run before the base constructor, which already adds annotations.
    private readonly IResourceWithConnectionString _container = container;

    public override ResourceAnnotationCollection Annotations => _container.Annotations;

    public ReferenceExpression ConnectionStringExpression => _container.ConnectionStringExpression;
}
