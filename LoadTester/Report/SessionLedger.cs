using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>
/// Every match that the clients of this run were told about, and whether the answers are consistent: a match has one address, has no more
/// clients than it lists, and lists each of these clients.
/// </summary>
internal sealed class SessionLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SeenSession> _sessions = [];
    private readonly List<string> _violations = [];

    /// <summary>
    /// Records what <paramref name="playerId"/> was told. Returns null, or the contradiction as a short text that can be counted.
    /// </summary>
    public string? Add(string playerId, MatchAddress match)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(match.SessionId, out var session))
            {
                _sessions.Add(match.SessionId, session = new SeenSession(match.Host, match.Port));
            }

            var contradiction = session.Add(playerId, match);
            if (contradiction is null)
            {
                return null;
            }

            _violations.Add($"match {match.SessionId}, player {playerId}: {contradiction.Value.Detail}");
            return contradiction.Value.Kind;
        }
    }

    public SessionFigures Figures()
    {
        lock (_lock)
        {
            return _sessions.Count == 0
                ? SessionFigures.None
                : new SessionFigures
                {
                    Matches = _sessions.Count,
                    SmallestSize = _sessions.Values.Min(session => session.Clients),
                    AverageSize = _sessions.Values.Average(session => session.Clients),
                    LargestSize = _sessions.Values.Max(session => session.Clients),
                    Violations = [.. _violations],
                };
        }
    }
}
