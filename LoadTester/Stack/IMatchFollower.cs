using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Stack;

/// <summary>Waits until a player in the queue learns about its match.</summary>
internal interface IMatchFollower
{
    /// <summary>
    /// Returns the match, or why there will be none. Retries temporary failures without limit; the caller gives up by cancelling.
    /// </summary>
    Task<PhaseResult<MatchAddress>> FollowAsync(string playerId, CancellationToken cancellationToken);
}
