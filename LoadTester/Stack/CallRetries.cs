using System.Net.Http.Headers;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;

namespace GameStack.LoadTester.Stack;

/// <summary>
/// Repeats calls that may succeed a moment later. The contract allows this for every call, even if the outcome of the first one is unknown:
/// a join keeps the player's place, and ending or leaving twice is no error.
/// </summary>
/// <param name="interval">The shortest time between two calls.</param>
/// <param name="board">Counts the calls that are repeated.</param>
/// <param name="time">The clock.</param>
internal sealed class CallRetries(TimeSpan interval, LoadBoard board, TimeProvider time)
{
    /// <summary>No player waits longer, and a server may ask for more than a timer can wait.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>How long a server asks to wait; null when it does not say.</summary>
    public static TimeSpan? Asked(RetryConditionHeaderValue? header) =>
        header switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            _ => null,
        };

    /// <summary>
    /// Returns the first answer that counts. That nothing listens is such an answer. The caller gives up by
    /// cancelling.
    /// </summary>
    public async Task<ApiAnswer<T>> RunAsync<T>(
        PlayerPhase phase, Func<Task<ApiAnswer<T>>> callAsync, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var answer = await callAsync();
            if (!answer.MayPass || answer.IsUnreached)
            {
                return answer;
            }

            await PauseAsync(phase, answer.Fault!, answer.RetryAfter, cancellationToken);
        }
    }

    /// <summary>
    /// Counts a call that is about to be repeated, and waits for as long as the server asks. Adds up to half of that time at random, so
    /// that players who were refused at the same moment do not return at the same moment.
    /// </summary>
    public Task PauseAsync(PlayerPhase phase, string fault, TimeSpan? asked, CancellationToken cancellationToken)
    {
        board.Retried(new PlayerFailure(phase, fault));
        var pause = TimeSpan.FromTicks(Math.Clamp(asked?.Ticks ?? 0, interval.Ticks, LongestPause.Ticks));
        return Task.Delay(pause * (1 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
    }
}
