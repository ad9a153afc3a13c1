namespace GameStack.Backend.GameServers;

/// <summary>The fleets that a backend can use.</summary>
internal enum FleetKind
{
    /// <summary>Child processes of this backend.</summary>
    Process,

    /// <summary>Pods.</summary>
    Kubernetes,
}
