using System.Threading.Channels;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>Game servers as child processes of this backend, one for each match; they end when the backend does.</summary>
internal sealed partial class ProcessFleet : IGameServerFleet
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    private readonly ProcessPool _pool;
    private readonly MatchProcesses _processes;
    private readonly GameServersOptions _servers;
    private readonly ProcessFleetOptions _options;
    private readonly FleetInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<ProcessFleet> _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, FleetMatch> _matches = [];
    private readonly Channel<RunningGameServer> _exits = Channel.CreateUnbounded<RunningGameServer>();

    public ProcessFleet(
        ProcessPool pool, MatchProcesses processes, IOptions<GameServersOptions> servers, IOptions<ProcessFleetOptions> options,
        FleetInstruments instruments, TimeProvider time, ILogger<ProcessFleet> logger)
    {
        (_pool, _processes, _servers, _options) = (pool, processes, servers.Value, options.Value);
        (_instruments, _time, _logger) = (instruments, time, logger);
        instruments.Observe(() => _pool.StandbyCount, () => Running().Count, () => WhyFull is not null);
    }

    public int StandbyCount => _pool.StandbyCount;

    public string? WhyFull => _pool.WhyFull;

    /// <summary>No process refuses the backend that has started it.</summary>
    public bool IsShutOut => false;

    public Task<Result<RunningGameServer>> AllocateAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(players);
        lock (_lock)
        {
            if (!_matches.TryGetValue(matchId, out var match))
            {
                // Other callers wait for the same answer, so the first caller must not cancel it by leaving.
                match = new FleetMatch(matchId, match => AllocateOnceAsync(match, players));
                _matches.Add(matchId, match);
            }
            else if (match.HasEnded)
            {
                return Task.FromResult(Result<RunningGameServer>.Failed("The game server of this match has ended."));
            }

            return match.Allocation.WaitAsync(cancellationToken);
        }
    }

    public Task EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        FleetMatch? match;
        lock (_lock)
        {
            match = _matches.GetValueOrDefault(matchId);
        }

        match?.End();
        lock (_lock)
        {
            // The exit is reported once the process is gone; there is no need to wait for it here.
            _ = match?.Assigned?.Process.StopAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>No other backend can end a child process of this one.</summary>
    public Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken) => EndAsync(matchId, cancellationToken);

    public Task ClearAsync(Guid matchId, CancellationToken cancellationToken) => EndAsync(matchId, cancellationToken);

    /// <summary>A match has at most one process on this backend.</summary>
    public Task EndAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        return EndAsync(server.MatchId, cancellationToken);
    }

    /// <summary>A process is in the list only once it has its session.</summary>
    public Task<bool> EndUnusedAsync(RunningGameServer server, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Running());

    /// <summary>
    /// A backend that lives watches its own child processes. One that is only cut off from Redis may still have players: then its server
    /// answers.
    /// </summary>
    public async ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken) =>
        owner switch
        {
            ServerOwner.ThisBackend => true,
            ServerOwner.AnotherBackend => false,
            _ => !await new GamePortClient(server.Host, server.Port).AnswersAsync(ProbeTimeout, _time, cancellationToken),
        };

    /// <summary>Servers of other backends are never listed.</summary>
    public ValueTask<bool> MayRunAsync(string backend, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    public async Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken)
    {
        _pool.Close();
        var running = Running();
        if (running.Count > 0)
        {
            Log.Draining(_logger, running.Count, _options.DrainSeconds);
        }

        using var limit = new TimeLimit(_options.Drain, _time, cancellationToken);
        await _pool.WaitUntilEmptyAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pool.DisposeAsync();
        return running;
    }

    /// <summary>The matches that have a server.</summary>
    public IReadOnlyList<FleetMatch> Playing()
    {
        lock (_lock)
        {
            return [.. _matches.Values.Where(match => match.Assigned is not null)];
        }
    }

    public IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken) =>
        _exits.Reader.ReadAllAsync(cancellationToken);

    private async Task<Result<RunningGameServer>> AllocateOnceAsync(FleetMatch match, IReadOnlyList<string> players)
    {
        var askedAt = _time.GetTimestamp();
        using var limit = new TimeLimit(_servers.AllocationTimeout, _time, match.Ending);
        var allocation = Result<RunningGameServer>.Failed("The match ended before it had a game server.");
        try
        {
            var assigned = await _processes.TakeAsync(match.Id, players, limit.Token);
            if (!assigned.IsSuccess)
            {
                allocation = Result<RunningGameServer>.Failed(assigned.Failure);
            }
            else if (await TryAddAsync(match, assigned.Value))
            {
                allocation = Result<RunningGameServer>.Of(assigned.Value.Server);
            }
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            var seconds = _servers.AllocationTimeout.TotalSeconds;
            allocation = Result<RunningGameServer>.Failed($"There was no game server within {seconds:0.###} s.");
        }
        catch (OperationCanceledException) when (match.Ending.IsCancellationRequested)
        {
            // The match ended meanwhile; the answer says so.
        }
        finally
        {
            if (!allocation.IsSuccess)
            {
                lock (_lock)
                {
                    _matches.Remove(match.Id);
                }
            }
        }

        _instruments.Allocated(_time.GetElapsedTime(askedAt), allocation);
        return allocation;
    }

    /// <summary>Kills the process and returns false when the match ended meanwhile.</summary>
    private async Task<bool> TryAddAsync(FleetMatch match, AssignedProcess assigned)
    {
        lock (_lock)
        {
            if (!match.Ending.IsCancellationRequested)
            {
                match.Assigned = assigned;
            }
        }

        if (match.Assigned is null)
        {
            await assigned.Process.KillAsync();
            return false;
        }

        var (server, process) = (assigned.Server, assigned.Process);
        Log.Assigned(_logger, match.Id, server.Name, process.Id, server.Host, server.Port);
        _ = ReportExitAsync(server, process);
        return true;
    }

    private async Task ReportExitAsync(RunningGameServer server, GameServerProcess process)
    {
        await process.Exited;
        lock (_lock)
        {
            _matches.Remove(server.MatchId);
        }

        Log.Ended(_logger, server.MatchId, process.Id, process.ExitCode);
        _exits.Writer.TryWrite(server);
    }

    private IReadOnlyList<RunningGameServer> Running() => [.. Playing().Select(match => match.Assigned!.Server)];

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProcessFleetAssigned, LogLevel.Information,
            "Match {MatchId} plays on {GameServer}, process {ProcessId}, at {Host}:{Port}")]
        public static partial void Assigned(ILogger logger, Guid matchId, string gameServer, int processId, string host, int port);

        [LoggerMessage(EventIds.Draining, LogLevel.Information, "Waiting up to {DrainSeconds} s for {Matches} live matches to end")]
        public static partial void Draining(ILogger logger, int matches, double drainSeconds);

        [LoggerMessage(EventIds.ProcessFleetEnded, LogLevel.Information,
            "Game server of match {MatchId}, process {ProcessId}, ended with exit code {ExitCode}")]
        public static partial void Ended(ILogger logger, Guid matchId, int processId, int? exitCode);
    }
}
