namespace GameStack.Tests.Support;

/// <summary>What backends share: one queue in Redis and one database in Postgres, both empty at first.</summary>
public sealed class BackendStores(string redis, string database) : IAsyncDisposable
{
    public string Redis => redis;

    public string Database => database;

    public string Queue { get; } = Guid.NewGuid().ToString("N");

    public MatchTable Matches { get; } = new(database);

    /// <summary>Starts a backend, and waits until it is healthy.</summary>
    public async Task<BackendProcess> StartBackendAsync(string name, StackSettings settings, params (string Name, string Value)[] more)
    {
        var backend = await BackendProcess.StartAsync(name, this, settings, more);
        try
        {
            await backend.Program.WaitUntilHealthyAsync(backend.Client, Waits.Patient);
            return backend;
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Matches.DisposeAsync();
}
