namespace GameStack.Backend.GameServers.Processes;

/// <summary>A server on standby, or one sentence that says why there is none.</summary>
internal readonly record struct ServerOrFailure
{
    public GameServerProcess? Server { get; private init; }

    public string? Failure { get; private init; }

    public static ServerOrFailure Of(GameServerProcess server) => new() { Server = server };

    public static ServerOrFailure Failed(string why) => new() { Failure = why };
}
