using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;

namespace GameStack.LoadTester.Stack;

/// <summary>Keeps a stream of server-sent events open, and reopens it if it ends too early.</summary>
internal sealed class EventsFollower(MatchApiClient api, TimeSpan interval, LoadBoard board, TimeProvider time) : IMatchFollower
{
    public async Task<PhaseResult<MatchAddress>> FollowAsync(string playerId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lost = "stream ended";
            await foreach (var answer in api.EventsAsync(playerId, cancellationToken))
            {
                if (StatusVerdict.Of(answer) is { } verdict)
                {
                    return verdict;
                }

                lost = answer.Fault ?? lost;
            }

            board.Retried(new PlayerFailure(PlayerPhase.Match, lost));
            await Task.Delay(interval, time, cancellationToken);
        }
    }
}
