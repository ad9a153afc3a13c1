namespace GameStack.Backend.GameServers;

/// <summary>A server on standby: where it is told its session, and where its players will connect.</summary>
internal sealed record HandshakeTarget
{
    public required string ControlHost { get; init; }

    public required int ControlPort { get; init; }

    public required string ControlToken { get; init; }

    public required string PlayerHost { get; init; }

    public required int PlayerPort { get; init; }

    /// <summary>
    /// How long a network may take to lead the players' address to the server, once that has its session; what fails is tried again until then.
    /// Null: both ports are there, or never will be.
    /// </summary>
    public TimeSpan? RouteTimeout { get; init; }
}
