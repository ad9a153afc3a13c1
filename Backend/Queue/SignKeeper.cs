using GameStack.Backend.Background;

namespace GameStack.Backend.Queue;

/// <summary>
/// Tells the queue of the players who have been heard of, and wakes the calls of those whose change may have been lost on its way.
/// </summary>
internal sealed class SignKeeper(
    IMatchQueue queue, PlayerSigns signs, PlayerWaiters waiters, TimeProvider time, ILogger<SignKeeper> logger)
    : RepeatingService("report signs of life to the queue", time, logger, TimeSpan.FromSeconds(1))
{
    private const int BatchSize = 500;

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        while (signs.Take(BatchSize) is { Count: > 0 } players)
        {
            if (await queue.HearAsync(players, stoppingToken) is { Count: > 0 } changed)
            {
                waiters.LookAgain(changed);
            }
        }

        signs.Prune();
    }
}
