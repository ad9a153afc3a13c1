using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;

namespace GameStack.Tests.Backend.Queue;

internal static class LedgerExtensions
{
    /// <summary>As after an assignment that Redis has confirmed.</summary>
    public static void Assign(this QueueLedger ledger, MatchClaim claim, RunningGameServer server)
    {
        ledger.Assigning(claim, server);
        ledger.Confirm(claim.MatchId);
    }
}
