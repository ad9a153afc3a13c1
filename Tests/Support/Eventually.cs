namespace GameStack.Tests.Support;

/// <summary>
/// Asks again and again until the answer is the one that the test waits for. This is the only place where tests poll. It is for what
/// notifies nobody of its changes: a health check, the process table, a cluster, the state of a queue or of another process. A test that
/// can be notified (by a line of output, an event stream, a task) subscribes before the trigger, and awaits that.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until <paramref name="isSo"/> answers true.</summary>
    /// <exception cref="TimeoutException">It did not within <paramref name="limit"/>.</exception>
    public static Task IsAsync(string what, Func<CancellationToken, Task<bool>> isSo, TimeSpan limit) =>
        GetAsync(what, isSo, yes => yes, limit);

    /// <summary>Returns the first answer for which <paramref name="isWanted"/> returns true.</summary>
    /// <param name="what">What the test waits for, as the beginning of a failure's message.</param>
    /// <param name="ask">Its token is cancelled after <paramref name="limit"/>.</param>
    /// <param name="isWanted">Whether to stop asking.</param>
    /// <param name="limit">How long to ask.</param>
    /// <param name="pace">The time between two questions; null for 0.1 s.</param>
    /// <exception cref="TimeoutException">No such answer came within <paramref name="limit"/>; the message has the last one.</exception>
    public static async Task<T> GetAsync<T>(
        string what, Func<CancellationToken, Task<T>> ask, Func<T, bool> isWanted, TimeSpan limit, TimeSpan? pace = null)
    {
        using var within = Waits.Within(limit);
        using var timer = new PeriodicTimer(pace ?? Pace);
        var last = "none";
        try
        {
            while (true)
            {
                var answer = await ask(within.Token);
                if (isWanted(answer))
                {
                    return answer;
                }

                last = $"{answer}";
                await timer.WaitForNextTickAsync(within.Token);
            }
        }
        catch (OperationCanceledException e) when (within.IsCancellationRequested)
        {
            throw new TimeoutException($"{what}: not within {limit.TotalSeconds} s. The last answer was: {last}", e);
        }
    }
}
