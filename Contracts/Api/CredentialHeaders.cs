namespace GameStack.Contracts.Api;

/// <summary>The headers with which a caller shows what it may do.</summary>
public static class CredentialHeaders
{
    /// <summary>An operator's key.</summary>
    public const string OperatorKey = "Operator-Key";

    /// <summary>A ticket of the match that its player ends.</summary>
    public const string MatchTicket = "Match-Ticket";
}
