using GameStack.GameServer.Seats;

namespace GameStack.GameServer.Matches;

/// <summary>
/// The clients of the match, and which of them are its players: all of them or, once members decide, only those. Guarded by the match's
/// gate.
/// </summary>
internal sealed class MatchClients
{
    private readonly HashSet<IMatchClient> _clients = [];

    /// <inheritdoc cref="Match.Seats"/>
    public SeatTable? Seats { get; set; }

    public bool IsEmpty => _clients.Count == 0;

    public IMatchClient[] All => [.. _clients];

    /// <summary>Whether anybody is connected for whom the match goes on.</summary>
    public bool HavePlayers => MembersDecide ? Seats!.AnyConnected : _clients.Count > 0;

    private bool MembersDecide => Seats is { MembersDecide: true };

    public void Add(IMatchClient client) => _clients.Add(client);

    /// <summary>Removes a client whose connection is gone, and keeps its seat. Returns whether it was a player.</summary>
    public bool Remove(IMatchClient client)
    {
        _clients.Remove(client);
        return Seats?.Lose(client) == true || !MembersDecide;
    }

    /// <summary>Whether the match is for this client to request.</summary>
    public bool MayRequest(IMatchClient client) => !MembersDecide || Seats!.IsMember(client);

    /// <summary>How long the match goes on without players; null when it stops at once.</summary>
    /// <param name="isOpen">Whether the match is open, and not yet running.</param>
    /// <param name="empty">How long an open match may be without a client.</param>
    public TimeSpan? FindPatience(bool isOpen, TimeSpan empty)
    {
        if (!MembersDecide)
        {
            return isOpen ? empty : null;
        }

        if (isOpen && Seats!.AnyUntaken)
        {
            return empty > Seats.Reconnect ? empty : Seats.Reconnect;
        }

        return Seats!.AnyKept ? Seats.Reconnect : null;
    }
}
