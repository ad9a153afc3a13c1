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

    [Fact]
    public void A_match_whose_end_may_have_been_heard_while_the_queue_was_asked_is_not_remembered()
    {
        var (over, live) = (Matched(Guid.NewGuid(), "p1", "p2"), Matched(Guid.NewGuid(), "p3", "p4"));
        var heard = _ledger.Heard;
        _ledger.Hear(new MatchChange(["p1", "p2"], PlayerState.Ended(over.MatchId)));

        _ledger.Found("p1", over, heard);
        _ledger.Found("p3", live, _ledger.Heard);

        Assert.Null(_ledger.FindMatched("p1"));
        Assert.Equal(live, _ledger.FindMatched("p4"));
    }

    private static PlayerState Matched(Guid match, params string[] players) => new(PlayerPhase.Matched, match, "127.0.0.1", 4711, players);

    private void Hear(Guid match, string player) =>
        _ledger.Hear(new MatchChange([player], Matched(match, player)));
}
