namespace GameStack.Backend.GameServers;

/// <summary>The backend that assigned a server its match, as seen from this one.</summary>
internal enum ServerOwner
{
    ThisBackend,

    AnotherBackend,

    /// <summary>A backend that has sent no heartbeat for a while: it is gone, or cut off from Redis.</summary>
    SilentBackend,
}
