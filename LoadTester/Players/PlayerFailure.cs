using GameStack.LoadTester.Stack;

namespace GameStack.LoadTester.Players;

/// <summary>Why a player failed.</summary>
/// <param name="Phase">The phase in which the player failed.</param>
/// <param name="Kind">A few words without ids or addresses, so that players who failed in the same way are counted together.</param>
internal readonly record struct PlayerFailure(PlayerPhase Phase, string Kind)
{
    /// <summary>This machine's limit is one reason, in whichever phase it struck.</summary>
    public override string ToString() => Kind == NetworkFault.TooManyOpenFiles ? Kind : $"{Phase.Name()}: {Kind}";
}
