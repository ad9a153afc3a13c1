using GameStack.Backend.Life;

namespace GameStack.Tests.Backend.Life;

/// <summary>One step of every kind, all of the same match.</summary>
internal static class TestSteps
{
    public static readonly Guid Match = Guid.NewGuid();

    public static readonly IReadOnlyList<MatchStep> All =
    [
        new MatchStep.Queued("p1"),
        new MatchStep.JoinAnswered("p1", Matched: true),
        new MatchStep.JoinAnswered("p1", Matched: false),
        new MatchStep.JoinRefused("p1"),
        new MatchStep.Claimed(Match),
        new MatchStep.ServerFound(Match),
        new MatchStep.ServerTold(Match),
        new MatchStep.TryFailed(Match, 2, "There is none."),
        new MatchStep.Assigned(Match, 3, "server", "10.0.0.7", 4711, TimeSpan.FromSeconds(0.5)),
        new MatchStep.GivenBack(Match, 3),
        new MatchStep.ClaimLost(Match),
        new MatchStep.HandedOver(Match),
        new MatchStep.ChangeReceived(),
        new MatchStep.RecordsRead(1),
        new MatchStep.RecordsCommitted(1),
        new MatchStep.ServerExited(Match),
        new MatchStep.Ended(Match, MatchEnd.Call),
        new MatchStep.Ended(Match, MatchEnd.ServerExit),
        new MatchStep.Ended(Match, MatchEnd.ServerLost),
        new MatchStep.ServerReleased(Match),
    ];
}
