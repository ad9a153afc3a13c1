namespace GameStack.Backend.GameServers;

/// <summary>How a <see cref="GameServerHandshake"/> ended.</summary>
internal enum HandshakeOutcome
{
    /// <summary>The server has the session and answers its players.</summary>
    Ready,

    /// <summary>The server already has another session.</summary>
    Busy,

    /// <summary>The server could not be reached, was too slow, or gave an unexpected answer.</summary>
    Failed,
}
