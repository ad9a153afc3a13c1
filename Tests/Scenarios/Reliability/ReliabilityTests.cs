using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>Real backends whose Redis or Postgres is taken away.</summary>
public abstract class ReliabilityTests : IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    protected CancellationToken Cancelled => _within.Token;

    public void Dispose()
    {
        _within.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Joins as a client that takes Retry-After at its word.</summary>
    protected async Task<ApiAnswer> JoinAsync(BackendProcess backend, string player) =>
        await ContractClient.OkAsync(() => backend.Client.JoinAsync(player, Cancelled));

    protected async Task<Seat> WaitUntilMatchedAsync(BackendProcess backend, string player)
    {
        while (true)
        {
            var answer = await ContractClient.OkAsync(() => backend.Client.StatusAsync(player, seconds: 1, Cancelled));
            if (answer.Text("status") == "matched")
            {
                return Seat.Of(player, answer);
            }

            Assert.Equal("pending", answer.Text("status"));
        }
    }

    protected async Task EndAsync(BackendProcess backend, string sessionId) =>
        await ContractClient.OkAsync(() => backend.Client.EndAsync(sessionId, Cancelled));

    /// <summary>The contract pushes no health: the only way to know is to ask.</summary>
    protected static Task WaitUntilHealthAsync(BackendProcess backend, string status) => Eventually.GetAsync(
        $"health {status}", token => backend.Client.GetAsync("health", token), answer => answer.Text("status") == status, Waits.Start);

    /// <summary>Nothing says when a backend has told Redis what it did without it.</summary>
    protected static async Task WaitUntilBackInRedisAsync(BackendProcess backend) => await Eventually.GetAsync(
        "back in Redis",
        backend.Client.ActiveSessionsAsync,
        answer => answer.Code == HttpStatusCode.OK && answer.Text("source") == "redis",
        Waits.Start);
}
