using System.Diagnostics.Metrics;
using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.Life;
using GameStack.Backend.Tickets;
using GameStack.Tests.Backend.Tickets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>The Kubernetes fleet of one backend, on a <see cref="FakeCluster"/>.</summary>
internal sealed class FakeClusterBackend : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ILoggerFactory _logging;
    private readonly TicketSigner _tickets = TestSigners.None();
    private readonly PodWatch _watch;
    private readonly KubernetesFleetWatch _fleetWatch;

    private FakeClusterBackend(
        FakeCluster cluster, GameServerExposure exposure, string queue, string name, TimeSpan? timeout, TimeSpan? routeTimeout,
        TimeSpan patience)
    {
        _logging = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
        Signer = TestCalls.Signer(patience);
        var time = TimeProvider.System;
        var servers = Options.Create(new GameServersOptions
        {
            AllocationTimeout = timeout ?? TimeSpan.FromSeconds(45),
            WatchPeriod = TimeSpan.FromSeconds(0.2),
        });
        var options = Options.Create(new KubernetesFleetOptions
        {
            Exposure = exposure,
            RouteTimeout = routeTimeout ?? TimeSpan.FromSeconds(5),
        });
        var gateway = Options.Create(new GatewayAddressOptions { PublicHost = "gateway.example.com" });
        var identity = new BackendIdentity(name, $"{name}-1", queue);
        Access = new StandbyAccess(time, _logging.CreateLogger<StandbyAccess>());
        Obstacles = new FleetObstacles(time, _logging.CreateLogger<FleetObstacles>());
        var calls = TestCalls.To(cluster.Address, Obstacles);
        Catalog = new PodCatalog();
        var instruments = new FleetInstruments(_services.GetRequiredService<IMeterFactory>());
        var standby = new StandbyPods(calls, Catalog, Signer, Obstacles, identity, _tickets, time, _logging.CreateLogger<StandbyPods>());
        var created = new NewPods(calls, Catalog, identity, _tickets, options, _logging.CreateLogger<NewPods>());
        var pods = new MatchPods(
            calls, Catalog, standby, created, Obstacles, options, instruments, time, _logging.CreateLogger<MatchPods>());
        var addresses = new PodAddress(calls, servers, options, gateway);
        var assigner = new PodAssigner(
            Catalog, addresses, Signer, new PodHandshake(servers, options, _tickets, time), Obstacles, time);
        var allocator = new PodAllocator(
            pods, standby, Catalog, addresses, assigner, servers, instruments, new MatchLife([]), time,
            _logging.CreateLogger<PodAllocator>());
        Fleet = new KubernetesFleet(
            allocator, pods, standby, Catalog, addresses, Signer, Access, calls, identity, instruments, time,
            _logging.CreateLogger<KubernetesFleet>());
        _watch = new PodWatch(calls, Catalog, identity, time, _logging.CreateLogger<PodWatch>());
        var routes = new PlayerRoutes(calls, Catalog, addresses, servers, time, _logging.CreateLogger<PlayerRoutes>());
        Orphans = new OrphanedPods(pods, Catalog, Signer, Clock, _logging.CreateLogger<OrphanedPods>());
        _fleetWatch = new KubernetesFleetWatch(
            pods, standby, Catalog, routes, Orphans, Signer, calls, identity, servers, time,
            _logging.CreateLogger<KubernetesFleetWatch>());
    }

    public LogRecords Logs { get; } = new();

    public FleetObstacles Obstacles { get; }

    public StandbyAccess Access { get; }

    public ControlSigner Signer { get; }

    public PodCatalog Catalog { get; }

    public KubernetesFleet Fleet { get; }

    public OrphanedPods Orphans { get; }

    /// <summary>The clock of <see cref="Orphans"/>.</summary>
    public FakeTimeProvider Clock { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Starts it, and waits until it knows so many pods on standby. Its patience with servers that are asked for their session is long, so
    /// that a busy machine makes none of them silent.
    /// </summary>
    public static async Task<FakeClusterBackend> StartAsync(
        FakeCluster cluster, GameServerExposure exposure = GameServerExposure.PodIp, string queue = "default", string name = "backend-1",
        TimeSpan? timeout = null, int standby = 0, TimeSpan? routeTimeout = null, TimeSpan? patience = null)
    {
        var backend = new FakeClusterBackend(
            cluster, exposure, queue, name, timeout, routeTimeout, patience ?? TimeSpan.FromSeconds(20));
        await backend._watch.StartAsync(Token);
        await backend.Catalog.Listed.WaitAsync(Token);
        await backend.WaitAsync(() => backend.Catalog.StandbyCount >= standby);
        return backend;
    }

    /// <summary>Begins to check the game servers, five times a second.</summary>
    public Task WatchAsync() => _fleetWatch.StartAsync(Token);

    public Task<Result<RunningGameServer>> AllocateAsync(Guid matchId) =>
        Fleet.AllocateAsync(matchId, ["p1"], Token).WaitAsync(TimeSpan.FromSeconds(90), Token);

    public async Task<RunningGameServer> PlayAsync(Guid? matchId = null)
    {
        var allocation = await AllocateAsync(matchId ?? Guid.NewGuid());
        Assert.True(allocation.IsSuccess, allocation.Failure);
        return allocation.Value!;
    }

    public Task WaitAsync(Func<bool> condition) => Catalog.WaitUntilAsync(condition, Token).WaitAsync(TimeSpan.FromSeconds(60), Token);

    public async ValueTask DisposeAsync()
    {
        await _fleetWatch.StopAsync(CancellationToken.None);
        await _watch.StopAsync(CancellationToken.None);
        _fleetWatch.Dispose();
        _watch.Dispose();
        Signer.Dispose();
        _tickets.Dispose();
        _logging.Dispose();
        Logs.Dispose();
        await _services.DisposeAsync();
    }
}
