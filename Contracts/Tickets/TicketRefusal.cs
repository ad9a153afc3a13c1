namespace GameStack.Contracts.Tickets;

/// <summary>Why a ticket lets nobody in.</summary>
public enum TicketRefusal
{
    None,

    /// <summary>The text is not a ticket.</summary>
    Malformed,

    /// <summary>It is signed with another algorithm than ES256, or not at all.</summary>
    WrongAlgorithm,

    /// <summary>It is signed with a key that the reader does not have.</summary>
    UnknownKey,

    BadSignature,
    Expired,

    /// <summary>Its issuer or audience is another one: the token was made for another purpose.</summary>
    WrongAudience,

    /// <summary>It is a ticket for another match.</summary>
    WrongMatch,

    /// <summary>It is a ticket for another game server.</summary>
    WrongServer,

    /// <summary>Its player is not in the match.</summary>
    WrongPlayer,

    /// <summary>It has been used before.</summary>
    Replayed,

    /// <summary>A ticket of the same player that was issued later holds the seat, and its connection lives.</summary>
    Superseded,

    /// <summary>Its player has used too many tickets in too short a time.</summary>
    TooMany,

    /// <summary>The connection already has another player's seat.</summary>
    Seated,

    /// <summary>A ticket is required, and there was none.</summary>
    NoTicket,

    /// <summary>The game server was started without a key that tickets can be checked with.</summary>
    NoKeys,
}
