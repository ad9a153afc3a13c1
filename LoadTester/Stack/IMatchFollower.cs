using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Stack;

/// <summary>Waits with a player in the queue until it learns of its match.</summary>
internal interface IMatchFollower
{
    /// <summary>The match, or why there will be none. What may pass is tried again, without end: the caller gives up by cancelling.</summary>
    Task<PhaseResult<MatchAddress>> FollowAsync(string playerId, CancellationToken cancellationToken);
}
