namespace GameStack.Backend.Tickets;

/// <summary>Whether players must show a ticket to a game server.</summary>
internal enum TicketUse
{
    /// <summary>A player with a ticket gets its seat; anybody may connect without one, as the wire contract says.</summary>
    Optional,

    /// <summary>Nobody plays without a ticket.</summary>
    Required,
}
