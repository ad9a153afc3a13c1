namespace GameStack.Backend.Life;

/// <summary>How a match ended.</summary>
internal enum MatchEnd
{
    /// <summary>A player or an operator ended it.</summary>
    Call,

    /// <summary>Its server exited.</summary>
    ServerExit,

    /// <summary>A comparison of servers and matches found no server.</summary>
    ServerLost,
}
