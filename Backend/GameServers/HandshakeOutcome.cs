namespace GameStack.Backend.GameServers;

/// <summary>How a <see cref="GameServerHandshake"/> ended.</summary>
internal enum HandshakeOutcome
{
    /// <summary>The server has the session and answers its players.</summary>
    Ready,

    /// <summary>Another session has this server.</summary>
    Busy,

    /// <summary>The server could not be reached, was too slow, or said something else.</summary>
    Failed,
}
