namespace GameStack.Contracts.Api;

/// <summary>What a player who still waits gets instead of a session id: <c>pending:p1</c>.</summary>
public static class PendingId
{
    private const string Prefix = "pending:";

    public static string For(string playerId) => Prefix + playerId;

    public static bool IsPendingId(string sessionId) => sessionId.StartsWith(Prefix, StringComparison.Ordinal);
}
