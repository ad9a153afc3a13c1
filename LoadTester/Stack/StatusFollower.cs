using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Stack;

/// <summary>Asks for the status repeatedly: at a fixed interval, or with long polls.</summary>
/// <param name="api">The match API.</param>
/// <param name="wait">A long poll's waiting time; zero for plain polling.</param>
/// <param name="interval">
/// The shortest time between two calls. A server that does not support long polls answers at once, and must not be flooded.
/// </param>
/// <param name="retries">Repeats the calls that failed.</param>
/// <param name="time">The clock.</param>
internal sealed class StatusFollower(MatchApiClient api, TimeSpan wait, TimeSpan interval, CallRetries retries, TimeProvider time)
    : IMatchFollower
{
    public async Task<PhaseResult<MatchAddress>> FollowAsync(string playerId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var asked = time.GetTimestamp();
            var answer = await api.StatusAsync(playerId, wait, cancellationToken);
            if (StatusVerdict.Of(answer) is { } verdict)
            {
                return verdict;
            }

            if (answer.Fault is { } fault)
            {
                await retries.PauseAsync(PlayerPhase.Match, fault, answer.RetryAfter, cancellationToken);
            }
            else if (interval - time.GetElapsedTime(asked) is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }
}
