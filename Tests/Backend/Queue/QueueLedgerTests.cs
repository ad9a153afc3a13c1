using GameStack.Backend;
using GameStack.Backend.Queue;

namespace GameStack.Tests.Backend.Queue;

public sealed class QueueLedgerTests
{
    private readonly QueueLedger _ledger = new(new BackendIdentity("backend-1", "backend-1-1"), TimeProvider.System);

    [Fact]
    public void A_match_that_is_told_again_while_the_queue_is_asked_for_it_is_not_forgotten()
    {
        var (over, again) = (Guid.NewGuid(), Guid.NewGuid());
        Hear(over, "p1");
        Hear(again, "p2");
        var heard = _ledger.Heard;
        var found = _ledger.KnownMatches;
        Hear(again, "p2");

        var dropped = _ledger.Drop(found, heard);

        Assert.Equal([over], dropped.Keys);
        Assert.Equal(["p1"], dropped[over]);
        Assert.Null(_ledger.FindMatched("p1"));
        Assert.Equal(again, _ledger.FindMatched("p2")?.MatchId);
    }

    private void Hear(Guid match, string player) =>
        _ledger.Hear(new MatchChange([player], new PlayerState(PlayerPhase.Matched, match, "127.0.0.1", 4711, [player])));
}
