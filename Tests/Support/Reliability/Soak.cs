using System.Diagnostics;
using LocalServers;

namespace GameStack.Tests.Support.Reliability;

/// <summary>
/// Players join without a pause, and every few seconds something is killed: a backend, a game server, Redis (with its append-only file),
/// Postgres.
/// </summary>
public sealed class Soak(TimeSpan duration, int seed, Action<string> log)
{
    private const int Backends = 3;
    private const int Players = 30;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Return = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, int> _kills = new() { ["backends"] = 0, ["game servers"] = 0, ["Redis"] = 0, ["Postgres"] = 0 };

    /// <summary>Where the backends' logs are written; null for nowhere.</summary>
    public string? Logs { get; init; }

    /// <summary>Runs it, and answers the audit.</summary>
    public async Task<AuditReport> RunAsync(RedisFixture redis, PostgresFixture postgres)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(postgres);
        log($"soak for {duration.TotalSeconds} s, seed {seed}");
        await using var ownRedis = await OwnRedis.StartAsync(redis);
        var options = postgres.Options() with { Port = FreePort.Next(), Password = "soak" };
        var ownPostgres = await postgres.StartNewAsync(options);
        try
        {
            await ownPostgres.CreateDatabaseAsync("soak", CancellationToken.None);
            await using var stores = new BackendStores(ownRedis.ConnectionString, ownPostgres.ConnectionStringFor("soak"));
            await using var stack = await ReliabilityStack.StartAsync(stores, Backends);
            stack.StartPlayers(Players);
            var random = new Random(seed);
            var running = Stopwatch.StartNew();
            using var timer = new PeriodicTimer(Pace);
            while (running.Elapsed < duration)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);

                // Whatever was killed before, Redis has everybody now.
                await stack.Audit.LookAsync();
                switch (random.Next(10))
                {
                    case < 4:
                        await KillBackendAsync(stack, random);
                        break;
                    case < 6:
                        KillGameServer(stack, random);
                        break;
                    case < 8:
                        await KillRedisAsync(stack, ownRedis);
                        break;
                    default:
                        Count("Postgres");
                        await ownPostgres.DisposeAsync();
                        ownPostgres = await postgres.StartNewAsync(options);
                        break;
                }
            }

            var report = await stack.FinishAsync();
            log($"killed: {string.Join(", ", _kills.Select(kind => $"{kind.Value} {kind.Key}"))}; "
                + $"{stack.Ledger.Cut} calls cut, {stack.Ledger.Refused} refused");
            log(report.ToString());
            if (Logs is not null)
            {
                await stack.WriteLogsAsync(Logs);
            }

            return report;
        }
        finally
        {
            await ownPostgres.DisposeAsync();
        }
    }

    private async Task KillRedisAsync(ReliabilityStack stack, OwnRedis redis)
    {
        Count("Redis");
        stack.Ledger.IsRedisAway = true;
        await redis.KillAsync();
        await redis.StartAgainAsync();

        // A backend that dies before it has told Redis what it did meanwhile takes that along: docs/reliability.md.
        await Task.Delay(Return, CancellationToken.None);
        stack.Ledger.IsRedisAway = false;
    }

    private async Task KillBackendAsync(ReliabilityStack stack, Random random)
    {
        Count("backends");
        var starting = stack.StartBackendAsync();
        var live = stack.Backends.Live;
        await stack.KillAsync(live[random.Next(live.Count)]);
        await starting;
    }

    private void KillGameServer(ReliabilityStack stack, Random random)
    {
        if (stack.GameServers is { Count: > 0 } servers)
        {
            Count("game servers");
            ProcessTable.Kill(servers[random.Next(servers.Count)]);
        }
    }

    private void Count(string kind) => _kills[kind]++;
}
