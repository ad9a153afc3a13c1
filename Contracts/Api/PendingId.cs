namespace GameStack.Contracts;

/// <summary>What a player who still waits is given in the place of a session id: <c>pending:p1</c>.</summary>
public static class Ticket
{
    private const string Prefix = "pending:";

    public static string For(string playerId) => Prefix + playerId;

    public static bool IsTicket(string sessionId) => sessionId.StartsWith(Prefix, StringComparison.Ordinal);
}
