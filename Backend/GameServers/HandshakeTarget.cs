namespace GameStack.Backend.GameServers;

/// <summary>A server on standby: where to assign its session, and where its players will connect.</summary>
internal sealed record HandshakeTarget
{
    public required string ControlHost { get; init; }

    public required int ControlPort { get; init; }

    public required string ControlToken { get; init; }

    public required string PlayerHost { get; init; }

    public required int PlayerPort { get; init; }

    /// <summary>
    /// How long a network may take to route the players' address to the server, once the server has its session; failed tries are repeated
    /// until then. Null: both ports can be reached now, or never.
    /// </summary>
    public TimeSpan? RouteTimeout { get; init; }
}
