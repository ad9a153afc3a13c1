namespace GameStack.Proxy.Gateway;

/// <summary>Why the gateway refuses a connection, as in <c>DENIED full</c>, besides the reasons that are the ticket's own.</summary>
internal static class Refusals
{
    /// <summary>The gateway, or the player's address, has all the connections that it may have.</summary>
    public const string Full = "full";

    /// <summary>Another connection without an accepted ticket needed the room. Only counted: the client hears no word.</summary>
    public const string Displaced = "displaced";

    /// <summary>The first line did not arrive in time.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>The ticket counts, but its game server cannot be reached; it may have ended.</summary>
    public const string Unreachable = "unreachable";
}
