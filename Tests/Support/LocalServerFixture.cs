using LocalServers;

namespace GameStack.Tests.Support;

/// <summary>The setting that all local servers of the tests share.</summary>
public static class LocalServerFixture
{
    /// <summary>
    /// Whether tests fail, instead of being skipped, if a server that they need cannot run: true if <c>CI</c> is <c>true</c>.
    /// </summary>
    public static bool MustRun { get; } = string.Equals(
        Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// One server for the whole test run, started when the first test needs it. If it cannot run, the tests that need it are skipped with the
/// reason, or fail if the environment variable <c>CI</c> is <c>true</c>.
/// </summary>
public abstract class LocalServerFixture<TServer> : IAsyncDisposable
    where TServer : class, ILocalServer
{
    private readonly TestFolder _folder = new();
    private readonly Lazy<Task<TServer>> _shared;
    private int _started;

    private protected LocalServerFixture() => _shared = new(() => StartAsync(Options(), CancellationToken.None));

    /// <summary>The server that all tests share: leave it running, and use your own names for keys and databases.</summary>
    public Task<TServer> GetAsync() => OrSkipAsync(_shared.Value);

    /// <summary>A separate server, which the test may stop or kill; the test must dispose it.</summary>
    /// <param name="options">Null for a server that is not durable, on a free port, with its own data folder.</param>
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
