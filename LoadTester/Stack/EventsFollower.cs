using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Stack;

/// <summary>Keeps a stream of server-sent events open, and reopens it if it ends too early.</summary>
internal sealed class EventsFollower(MatchApiClient api, CallRetries retries) : IMatchFollower
{
    public async Task<PhaseResult<MatchAddress>> FollowAsync(string playerId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (lost, retryAfter) = ("stream ended", (TimeSpan?)null);
            await foreach (var answer in api.EventsAsync(playerId, cancellationToken))
            {
                if (StatusVerdict.Of(answer) is { } verdict)
                {
                    return verdict;
                }

                (lost, retryAfter) = (answer.Fault ?? lost, answer.RetryAfter);
            }

            await retries.PauseAsync(PlayerPhase.Match, lost, retryAfter, cancellationToken);
        }
    }
}
