namespace GameStack.Contracts.Tickets;

public static class TicketRefusals
{
    /// <summary>The reason as one word, as in <c>DENIED expired</c> and in metrics.</summary>
    public static string ToWord(this TicketRefusal refusal) => refusal switch
    {
        TicketRefusal.None => "none",
        TicketRefusal.Malformed => "malformed",
        TicketRefusal.WrongAlgorithm => "wrong_algorithm",
        TicketRefusal.UnknownKey => "unknown_key",
        TicketRefusal.BadSignature => "bad_signature",
        TicketRefusal.Expired => "expired",
        TicketRefusal.WrongAudience => "wrong_audience",
        TicketRefusal.WrongMatch => "wrong_match",
        TicketRefusal.WrongServer => "wrong_server",
        TicketRefusal.WrongPlayer => "wrong_player",
        TicketRefusal.Replayed => "replayed",
        TicketRefusal.Superseded => "superseded",
        TicketRefusal.TooMany => "too_many",
        TicketRefusal.Seated => "seated",
        TicketRefusal.NoTicket => "no_ticket",
        TicketRefusal.NoKeys => "no_keys",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, message: null),
    };
}
