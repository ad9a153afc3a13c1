using System.Collections.Concurrent;
using GameStack.Tests.Support.Faults;
using StackExchange.Redis;

namespace GameStack.Tests.Support.Reliability;

/// <summary>Backends that share one queue and one database, players who keep them busy, and the audit of it all.</summary>
public sealed class ReliabilityStack : IAsyncDisposable
{
    private const int Standby = 2;

    private static readonly StackSettings Settings = new() { SessionSize = 3, MinPartialSessionSize = 2, FlushWaitSeconds = 1 };

    private readonly BackendStores _stores;
    private readonly IConnectionMultiplexer _redis;
    private readonly QueueView _queue;
    private readonly TestFolder _folder = new();
    private readonly ConcurrentQueue<CrashBackend> _all = [];
    private PlayerCrowd? _players;
    private int _started;

    private ReliabilityStack(BackendStores stores, IConnectionMultiplexer redis)
    {
        _stores = stores;
        _redis = redis;
        _queue = new QueueView(redis, stores.Queue);
        Audit = new Audit(Ledger, _queue, stores.Matches, Backends, _folder.Path, Standby);
    }

    public BackendPool Backends { get; } = new();

    public PlayerLedger Ledger { get; } = new();

    public Audit Audit { get; }

    /// <summary>Every game server of these backends, those on standby included.</summary>
    public IReadOnlyList<ProcessEntry> GameServers =>
        [.. ProcessTable.Find(_folder.Path).Where(process => process.Command.Contains("GameServer", StringComparison.Ordinal))];

    public static async Task<ReliabilityStack> StartAsync(BackendStores stores, int backends)
    {
        var stack = new ReliabilityStack(stores, await ConnectionMultiplexer.ConnectAsync(Outside(stores.Redis)));
        await Task.WhenAll(Enumerable.Range(0, backends).Select(_ => stack.StartBackendAsync()));
        return stack;
    }

    /// <summary>What Redis has, seen from outside.</summary>
    public QueueView Queue => _queue;

    /// <summary>Players who come until <see cref="FinishAsync"/>.</summary>
    public void StartPlayers(int count) => _players = new PlayerCrowd(Backends, _queue, Ledger, count);

    /// <summary>A healthy backend, which players may call when this completes.</summary>
    public Task<CrashBackend> StartBackendAsync() => StartBackendAsync("healthy");

    /// <summary>A backend that stands still when it reaches <paramref name="step"/>, until it gets SIGCONT.</summary>
    public Task<CrashBackend> StartStoppingAtAsync(string step) => StartBackendAsync(
        $"stopping-{step}", FaultStartup.EnvironmentFor(step, FaultAction.Stop));

    /// <summary>Runs a backend that kills itself when it reaches <paramref name="step"/>, and waits until it has.</summary>
    public async Task KillAtAsync(string step, int after, CancellationToken cancellationToken)
    {
        await using var backend = Start($"faulty-{step}", FaultStartup.EnvironmentFor(step, FaultAction.Kill, after));
        if (await backend.Listening is not null)
        {
            Backends.Add(backend);
        }

        try
        {
            Assert.Equal(137, await backend.Exited.WaitAsync(cancellationToken));
        }
        finally
        {
            Backends.Lose(backend);
        }

        await Audit.LookAsync();
    }

    /// <summary>Kills all backends at the same moment.</summary>
    public async Task KillAllAsync()
    {
        var all = Backends.Live;
        foreach (var backend in all)
        {
            backend.Kill();
        }

        foreach (var backend in all)
        {
            await LoseAsync(backend);
        }

        await Audit.LookAsync();
    }

    public async Task KillAsync(CrashBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        backend.Kill();
        await LoseAsync(backend);
    }

    /// <summary>Lets the players come to an end, and audits.</summary>
    public async Task<AuditReport> FinishAsync()
    {
        await _players!.FinishAsync();
        return await Audit.RunAsync();
    }

    /// <summary>Writes what every backend printed, a file each.</summary>
    public async Task WriteLogsAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var backend in _all)
        {
            await File.WriteAllLinesAsync(Path.Combine(folder, $"{backend.Name}.log"), backend.Lines);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var backend in Backends.Live)
        {
            await backend.DisposeAsync();
        }

        _players?.Dispose();
        await _redis.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<CrashBackend> StartBackendAsync(string kind, params (string Name, string Value)[] more)
    {
        var backend = Start(kind, more);
        if (await backend.Listening is null)
        {
            throw new InvalidOperationException(
                $"{backend.Name} ended with {await backend.Exited}:{Environment.NewLine}{string.Join(Environment.NewLine, backend.Lines)}");
        }

        Backends.Add(backend);
        return backend;
    }

    /// <summary>A look at Redis does not wait until it is back.</summary>
    private static ConfigurationOptions Outside(string redis)
    {
        var options = ConfigurationOptions.Parse(redis);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(500);
        return options;
    }

    private async Task LoseAsync(CrashBackend backend)
    {
        Backends.Lose(backend);
        await backend.Exited;
        await backend.DisposeAsync();
    }

    private CrashBackend Start(string kind, params (string Name, string Value)[] more)
    {
        var name = $"{kind}-{Interlocked.Increment(ref _started)}";
        var settings = BackendProcess.Environment(
            name,
            _stores,
            Settings,
            [
                ("GameServers__Standby", $"{Standby}"),
                ("Matchmaking__LeaseSeconds", "2"),
                ("Matchmaking__ReconcileSeconds", "2"),

                // Game servers inherit it, and keep it when their backend is gone: that tells them from all others.
                ("TMPDIR", _folder.Path),

                // Hundreds of starts on a small machine.
                ("DOTNET_gcServer", "0"),
                ("DOTNET_TieredPGO", "0"),
                ("DOTNET_EnableDiagnostics", "0"),
                .. more,
            ]);
        var backend = CrashBackend.Start(name, settings);
        _all.Enqueue(backend);
        return backend;
    }
}
