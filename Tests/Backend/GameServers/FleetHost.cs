using System.Globalization;
using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers;

/// <summary>A host that runs a fleet and nothing else.</summary>
internal sealed class FleetHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IAsyncEnumerator<RunningGameServer> _exits;

    private FleetHost(IHost host, LogRecords logs)
    {
        _host = host;
        Logs = logs;
        Fleet = host.Services.GetRequiredService<IGameServerFleet>();
        _exits = Fleet.WatchExitsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    public IGameServerFleet Fleet { get; }

    public IServiceProvider Services => _host.Services;

    public LogRecords Logs { get; }

    public static async Task<FleetHost> StartAsync(
        string? program = null, int standby = 1, int maxServers = 1000, TimeProvider? time = null,
        params (string Name, string Value)[] settings)
    {
        var logs = new LogRecords();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(
        [
            new("GameServers:Program", program ?? GameServerPrograms.GameServer),
            new("GameServers:Standby", standby.ToString(CultureInfo.InvariantCulture)),
            new("GameServers:MaxServers", maxServers.ToString(CultureInfo.InvariantCulture)),
            // The machine may be busy; what is tested is never how fast it is.
            new("GameServers:StartTimeout", "00:00:40"),
            new("GameServers:AssignTimeout", "00:00:40"),
        ]);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)));
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(BackendIdentity.Create("backend-1"));
        builder.AddMatchLife();
        builder.AddGameServerFleet();

        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new FleetHost(host, logs);
    }

    public Task<Result<RunningGameServer>> AllocateAsync(Guid matchId) =>
        Fleet.AllocateAsync(matchId, ["p1", "p2"], TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>A server for a new match.</summary>
    public async Task<RunningGameServer> AllocateAsync()
    {
        var allocation = await AllocateAsync(Guid.NewGuid());
        Assert.Null(allocation.Failure);
        return allocation.Value!;
    }

    public Task EndAsync(Guid matchId) => Fleet.EndAsync(matchId, TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<RunningGameServer>> ListAsync() => Fleet.ListAsync(TestContext.Current.CancellationToken);

    /// <summary>The next match whose server is gone.</summary>
    public async Task<Guid> NextExitAsync()
    {
        Assert.True(await _exits.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        return _exits.Current.MatchId;
    }

    /// <summary>The process ids of the first servers that got ready.</summary>
    public async Task<IReadOnlyList<int>> ReadyAsync(int count) =>
        [.. (await Logs.WaitForAsync(412, count)).Select(record => (int)record.Properties["ProcessId"]!)];

    public int ProcessIdOf(Guid matchId) =>
        (int)Logs.Of(420).Single(record => (Guid)record.Properties["MatchId"]! == matchId).Properties["ProcessId"]!;

    /// <summary>Fails where a service does not stop by itself: after 60 s the host goes on without it.</summary>
    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await _exits.DisposeAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
