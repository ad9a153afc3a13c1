namespace GameStack.Backend.GameServers;

/// <param name="Outcome">How the handshake ended.</param>
/// <param name="Detail">One sentence for the log; empty when the server is ready.</param>
internal readonly record struct HandshakeResult(HandshakeOutcome Outcome, string Detail)
{
    public static HandshakeResult Ready => new(HandshakeOutcome.Ready, "");

    public static HandshakeResult Busy(string detail) => new(HandshakeOutcome.Busy, detail);

    public static HandshakeResult Failed(string detail) => new(HandshakeOutcome.Failed, detail);
}
