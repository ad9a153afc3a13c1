namespace GameStack.Backend.GameServers;

internal enum ControlSessionKind
{
    /// <summary>The server does not answer, or not as a game server does.</summary>
    Silent,

    Standby,

    Match,

    /// <summary>Its key does not belong to this backend's key.</summary>
    Denied,
}
