namespace GameStack.Backend.Records;

/// <summary>What ended a match, as its record says.</summary>
internal static class EndedBy
{
    /// <summary>A caller without a credential, where anyone may end matches.</summary>
    public const string Anyone = "anyone";

    /// <summary>The match's game server has exited.</summary>
    public const string Server = "server";

    /// <summary>A backend that found no game server of the match.</summary>
    public const string System = "system";

    public static string Player(string playerId) => $"player:{playerId}";

    public static string Operator(string name) => $"operator:{name}";
}
