namespace GameStack.Tests.Support;

/// <summary>Two backends over one queue that makes pairs, for all tests of a class; each test leaves the queue empty.</summary>
public sealed class TwoBackends(RedisFixture redis, PostgresFixture postgres) : IAsyncLifetime
{
    private BackendProcess? _left;
    private BackendProcess? _right;
    private string _database = "";

    public BackendStores Stores { get; private set; } = null!;

    public ContractClient[] Sides => [_left!.Client, _right!.Client];

    /// <summary>Another queue in the same stores.</summary>
    public BackendStores NewQueue() => new(Stores.Redis, _database);

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        Stores = new BackendStores((await redis.GetAsync()).ConnectionString, _database);
        var settings = new StackSettings { SessionSize = 2 };
        _left = await Stores.StartBackendAsync("backend-left", settings);
        _right = await Stores.StartBackendAsync("backend-right", settings);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var side in new[] { _left, _right }.OfType<BackendProcess>())
        {
            await side.DisposeAsync();
        }

        if (Stores is not null)
        {
            await Stores.DisposeAsync();
        }
    }
}
