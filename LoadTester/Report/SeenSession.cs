using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>One match, as the clients were told about it.</summary>
internal sealed class SeenSession(string host, int port)
{
    private HashSet<string>? _listed;

    /// <summary>How many clients of this run are in the match.</summary>
    public int Clients { get; private set; }

    /// <summary>Returns null, or the contradiction: as a short text that can be counted, and in full.</summary>
    public (string Kind, string Detail)? Add(string playerId, MatchAddress match)
    {
        Clients++;
        if (match.Host != host || match.Port != port)
        {
            return ("match at two addresses", $"told {match.Host}:{match.Port}, others were told {host}:{port}");
        }

        if (match.Players is { } told)
        {
            var players = told.ToHashSet();
            if (!players.Contains(playerId))
            {
                return ("not among the match's players", $"the list is {string.Join(", ", players)}");
            }

            if (_listed is not null && !players.SetEquals(_listed))
            {
                var lists = $"told {string.Join(", ", players)}; others were told {string.Join(", ", _listed)}";
                return ("match with two player lists", lists);
            }

            _listed = players;
        }

        return _listed is not null && Clients > _listed.Count
            ? ("more players than the match lists", $"{Clients} players were told of it; it lists {_listed.Count}")
            : null;
    }
}
