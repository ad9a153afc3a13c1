namespace GameStack.Backend.GameServers;

/// <summary>The result of asking a fleet for a server: the server, or the reason why there is none.</summary>
public sealed record GameServerAllocation
{
    private GameServerAllocation()
    {
    }

    public RunningGameServer? Server { get; private init; }

    /// <summary>One sentence for the log; null when there is a server.</summary>
    public string? Failure { get; private init; }

    public static GameServerAllocation Of(RunningGameServer server) => new() { Server = server };

    public static GameServerAllocation Failed(string why) => new() { Failure = why };
}
