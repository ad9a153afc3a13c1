using LocalServers;

namespace GameStack.Tests.Infrastructure;

/// <summary>What holds for every local server of the tests.</summary>
public static class LocalServerFixture
{
    /// <summary>Whether a server that cannot run fails the tests that need it, instead of skipping them: where <c>CI</c> is <c>true</c>.</summary>
    public static bool MustRun { get; } = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// One server for the whole run, started when the first test asks for it. Where it cannot run, tests that need it are skipped with the reason,
/// or fail when the environment variable <c>CI</c> is <c>true</c>.
/// </summary>
public abstract class LocalServerFixture<TServer> : IAsyncDisposable
    where TServer : class, ILocalServer
{
    private readonly TestFolder _folder = new();
    private readonly Lazy<Task<TServer>> _shared;
    private int _started;

    private protected LocalServerFixture() => _shared = new(() => StartAsync(Options(), CancellationToken.None));

    /// <summary>The server that all tests share: leave it running, and use names of your own on it.</summary>
    public Task<TServer> GetAsync() => OrSkipAsync(_shared.Value);

    /// <summary>A server of the test's own, to be stopped or killed; the test disposes it.</summary>
    /// <param name="options">Null: not durable, on a free port, with a data folder of its own.</param>
    public Task<TServer> StartNewAsync(LocalServerOptions? options = null) =>
        OrSkipAsync(StartAsync(options ?? Options(), TestContext.Current.CancellationToken));

    /// <summary>Options with a new data folder, which is removed at the end of the run.</summary>
    public LocalServerOptions Options() => new()
    {
        DataFolder = Path.Combine(_folder.Path, Interlocked.Increment(ref _started).ToString()),
        ToolsFolder = Repository.ToolsFolder,
        Durable = false,
    };

    public async ValueTask DisposeAsync()
    {
        if (_shared.IsValueCreated && _shared.Value.IsCompletedSuccessfully)
        {
            await (await _shared.Value).DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<TServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken);

    private static async Task<TServer> OrSkipAsync(Task<TServer> starting)
    {
        try
        {
            return await starting;
        }
        catch (LocalServerUnavailableException e) when (!LocalServerFixture.MustRun)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
