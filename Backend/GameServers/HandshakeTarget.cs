namespace GameStack.Backend.GameServers;

/// <summary>A server on standby: where it is told its session, and where its players will connect.</summary>
internal sealed record HandshakeTarget
{
    public required string ControlHost { get; init; }

    public required int ControlPort { get; init; }

    public required string ControlToken { get; init; }

    public required string PlayerHost { get; init; }

    public required int PlayerPort { get; init; }

    /// <summary>The way to the server may not be there yet: a connection that is refused is tried again until the time is up.</summary>
    public bool ComesLate { get; init; }
}
