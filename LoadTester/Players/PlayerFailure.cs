namespace GameStack.LoadTester.Players;

/// <summary>Why a player failed.</summary>
/// <param name="Phase">The phase in which the player failed.</param>
/// <param name="Kind">A few words without ids or addresses, so that players who failed in the same way are counted together.</param>
internal readonly record struct PlayerFailure(PlayerPhase Phase, string Kind)
{
    public override string ToString() => $"{Phase.Name()}: {Kind}";
}
