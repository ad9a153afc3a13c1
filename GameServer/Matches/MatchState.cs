namespace GameStack.GameServer.Matches;

/// <summary>A match's states; they only move down this list.</summary>
internal enum MatchState
{
    /// <summary>No session yet; the game port refuses connections.</summary>
    Standby,
    Open,
    Running,
    Stop,
}
