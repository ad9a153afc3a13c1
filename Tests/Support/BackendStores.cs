namespace GameStack.Tests.Support;

/// <summary>What backends share: one queue in Redis and one database in Postgres, both empty at first.</summary>
public sealed class BackendStores(string redis, string database) : IAsyncDisposable
{
    public string Redis => redis;

    public string Database => database;

    public string Queue { get; } = Guid.NewGuid().ToString("N");

    public MatchTable Matches { get; } = new(database);

    public Task<BackendProgram> StartBackendAsync(string name, StackSettings settings) => BackendProgram.StartAsync(name, this, settings);

    public ValueTask DisposeAsync() => Matches.DisposeAsync();
}
