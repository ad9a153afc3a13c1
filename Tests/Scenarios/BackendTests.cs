using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>A test that starts backends of its own on a real Redis and a real Postgres.</summary>
public abstract class BackendTests(RedisFixture redis, PostgresFixture postgres) : IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    /// <summary>Cancelled when the test has taken far longer than it may.</summary>
    protected CancellationToken Cancelled => _within.Token;

    protected async Task<BackendStores> CreateStoresAsync() =>
        new((await redis.GetAsync()).ConnectionString, await postgres.CreateDatabaseAsync());

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _within.Dispose();
        }
    }
}
