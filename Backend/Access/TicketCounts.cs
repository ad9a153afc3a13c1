namespace GameStack.Backend.Access;

/// <summary>A route on which a match ticket is a credential as an operator's key or a token is.</summary>
internal sealed record TicketCounts;
