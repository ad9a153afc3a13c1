using GameStack.Backend.Tickets;

namespace GameStack.Backend.GameServers;

/// <summary>A running game server and the match it plays. Two are equal when they have the same match, name and address.</summary>
/// <param name="MatchId">The match.</param>
/// <param name="Name">The pod's name, or the process's: <c>game-server-1a2b3c4d</c>.</param>
/// <param name="Host">The address a player connects to.</param>
/// <param name="Port">The port a player connects to.</param>
public sealed record RunningGameServer(Guid MatchId, string Name, string Host, int Port)
{
    /// <summary>What tickets for this server say; null when it takes none.</summary>
    public MatchAdmission? Admission { get; init; }

    /// <summary>The name of the backend that took the server for the match; null where only this backend can have done so.</summary>
    public string? Backend { get; init; }

    public bool Equals(RunningGameServer? other) =>
        other is not null && (MatchId, Name, Host, Port) == (other.MatchId, other.Name, other.Host, other.Port);

    public override int GetHashCode() => MatchId.GetHashCode();
}
