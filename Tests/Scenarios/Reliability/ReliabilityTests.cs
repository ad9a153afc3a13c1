using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>Real backends whose Redis or Postgres is taken away.</summary>
public abstract class ReliabilityTests : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    protected CancellationToken Cancelled => _within.Token;

    public void Dispose()
    {
        _within.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Joins as a client that takes Retry-After at its word.</summary>
    protected async Task<ApiAnswer> JoinAsync(BackendProgram backend, string player) =>
        (await RetryAsync(() => backend.Client.JoinAsync(player, Cancelled))).Ok();

    protected async Task<Seat> WaitUntilMatchedAsync(BackendProgram backend, string player)
    {
        while (true)
        {
            var answer = (await RetryAsync(() => backend.Client.StatusAsync(player, seconds: 1, Cancelled))).Ok();
            if (answer.Text("status") == "matched")
            {
                return Seat.Of(player, answer);
            }

            Assert.Equal("pending", answer.Text("status"));
        }
    }

    protected async Task EndAsync(BackendProgram backend, string sessionId) =>
        (await RetryAsync(() => backend.Client.EndAsync(sessionId, Cancelled))).Ok();

    /// <summary>The contract pushes no health: the only way to know is to ask.</summary>
    protected async Task WaitUntilHealthAsync(BackendProgram backend, string status)
    {
        using var timer = new PeriodicTimer(Pace);
        while ((await backend.Client.GetAsync("health", Cancelled)).Text("status") != status)
        {
            await timer.WaitForNextTickAsync(Cancelled);
        }
    }

    /// <summary>503 is an answer, too: it says to ask again.</summary>
    private async Task<ApiAnswer> RetryAsync(Func<Task<ApiAnswer>> call)
    {
        using var timer = new PeriodicTimer(Pace);
        while (true)
        {
            var answer = await call();
            if (answer.Code != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            answer.IsProblem(HttpStatusCode.ServiceUnavailable);
            await timer.WaitForNextTickAsync(Cancelled);
        }
    }
}
