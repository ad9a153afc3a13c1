using LocalServers;

namespace GameStack.Tests.Support.Reliability;

/// <summary>A Redis of the test's own, always on the same port, to be taken away in every way there is.</summary>
internal sealed class OwnRedis : IAsyncDisposable
{
    private readonly RedisFixture _fixture;
    private LocalServerOptions _options;
    private RedisServer _server;

    private OwnRedis(RedisFixture fixture, LocalServerOptions options, RedisServer server)
    {
        _fixture = fixture;
        _options = options;
        _server = server;
    }

    public string ConnectionString => _server.ConnectionString;

    public static async Task<OwnRedis> StartAsync(RedisFixture fixture)
    {
        var options = fixture.Options() with { Port = FreePort.Next(), Durable = true };
        return new OwnRedis(fixture, options, await fixture.StartNewAsync(options));
    }

    /// <summary>Connections are cut, and nobody listens any more.</summary>
    public async Task KillAsync()
    {
        Signal(UnixSignals.Kill);
        await _server.Exited;
        await _server.DisposeAsync();
    }

    /// <summary>With what it had written down.</summary>
    public async Task StartAgainAsync() => _server = await _fixture.StartNewAsync(_options);

    /// <summary>Having forgotten everything.</summary>
    public async Task StartEmptyAsync()
    {
        _options = _fixture.Options() with { Port = _options.Port, Durable = true };
        await StartAgainAsync();
    }

    /// <summary>Connections stay, and nothing is answered.</summary>
    public void Hang() => Signal(UnixSignals.Stop);

    public void GoOn() => Signal(UnixSignals.Continue);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Signal(int signal) => UnixSignals.Send(_server.ProcessId, signal);
}
