using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>
/// Every match that the clients of this run were told of, and whether what they were told fits together: one address for a match,
/// no more clients than the match lists, and each of them on the list.
/// </summary>
internal sealed class SessionLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SeenSession> _sessions = [];
    private readonly List<string> _violations = [];

    /// <summary>Notes what <paramref name="playerId"/> was told; null, or what contradicts it, in words that can be counted.</summary>
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

            _violations.Add($"session {match.SessionId}, player {playerId}: {contradiction.Value.Detail}");
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
