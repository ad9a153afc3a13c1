using LocalServers;

namespace GameStack.AppHost.Servers;

/// <summary>
/// A server as a program of this machine, in the place of a container. It shares the container's annotations, so that whatever refers to
/// the container (endpoints, connection strings, waits) holds for the program too.
/// </summary>
internal sealed class ServerProgramResource(IResourceWithConnectionString container)
    : ExecutableResource(container.Name, ServerPlan.Script, "/"), IResourceWithConnectionString
{
    // Set before the base constructor runs, which adds annotations already.
    private readonly IResourceWithConnectionString _container = container;

    public override ResourceAnnotationCollection Annotations => _container.Annotations;

    public ReferenceExpression ConnectionStringExpression => _container.ConnectionStringExpression;
}
