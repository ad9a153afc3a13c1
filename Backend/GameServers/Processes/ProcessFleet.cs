using System.Threading.Channels;

using GameStack.Backend.Life;

using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>Game servers as child processes of this backend, one for each match; they end when the backend does.</summary>
internal sealed partial class ProcessFleet : IGameServerFleet
{
    private const int Attempts = 2;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    private readonly ProcessPool _pool;
    private readonly GameServerProgram _program;
    private readonly GameServersOptions _options;
    private readonly FleetInstruments _instruments;
    private readonly MatchLife _life;
    private readonly TimeProvider _time;
    private readonly ILogger<ProcessFleet> _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, FleetMatch> _matches = [];
    private readonly Channel<RunningGameServer> _exits = Channel.CreateUnbounded<RunningGameServer>();

    public ProcessFleet(
        ProcessPool pool,
        GameServerProgram program,
        IOptions<GameServersOptions> options,
        FleetInstruments instruments,
        MatchLife life,
        TimeProvider time,
        ILogger<ProcessFleet> logger)
    {
        _pool = pool;
        _program = program;
        _options = options.Value;
        _instruments = instruments;
        _life = life;
        _time = time;
        _logger = logger;
        instruments.Observe(() => _pool.StandbyCount, () => Running().Count);
    }

    public int StandbyCount => _pool.StandbyCount;

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
            if (!_matches.TryGetValue(matchId, out match))
            {
                return Task.CompletedTask;
            }
        }

        match.End();
        lock (_lock)
        {
            // The exit is reported once the process is gone; there is no need to wait for it here.
            _ = match.Process?.StopAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>No other backend can end a child process of this one.</summary>
    public Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken) => EndAsync(matchId, cancellationToken);

    /// <summary>A match has at most one process on this backend.</summary>
    public Task EndAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        return EndAsync(server.MatchId, cancellationToken);
    }

    public Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunningGameServer>>(Running());

    /// <summary>
    /// A backend that lives watches its own child processes. One that is only cut off from Redis may still have players: then its server
    /// answers.
    /// </summary>
    public async ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken) => owner switch
    {
        ServerOwner.ThisBackend => true,
        ServerOwner.AnotherBackend => false,
        _ => !await GameServerProbe.AnswersAsync(server, ProbeTimeout, _time, cancellationToken),
    };

    public async Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken)
    {
        _pool.Close();
        var running = Running();
        if (running.Count > 0)
        {
            Log.Draining(_logger, running.Count, _options.DrainSeconds);
        }

        using var limit = new CancellationTokenSource(_options.Drain, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await _pool.WaitUntilEmptyAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pool.DisposeAsync();
        return running;
    }

    /// <summary>The matches that have a server.</summary>
    public IReadOnlyList<FleetMatch> Playing()
    {
        lock (_lock)
        {
            return [.. _matches.Values.Where(match => match.Server is not null)];
        }
    }

    public IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken) => _exits.Reader.ReadAllAsync(cancellationToken);

    private async Task<Result<RunningGameServer>> AllocateOnceAsync(FleetMatch match, IReadOnlyList<string> players)
    {
        var askedAt = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(_options.AllocationTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, match.Ending);
        var allocation = Result<RunningGameServer>.Failed("The match ended before it had a game server.");
        try
        {
            allocation = await FindServerAsync(match, players, either.Token);
        }
        catch (OperationCanceledException) when (!match.Ending.IsCancellationRequested)
        {
            allocation = Result<RunningGameServer>.Failed($"There was no game server within {_options.AllocationTimeout.TotalSeconds:0.###} s.");
        }
        catch (OperationCanceledException)
        {
            // The match ended meanwhile; the answer says so.
        }
        finally
        {
            if (allocation.Value is null)
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

    private async Task<Result<RunningGameServer>> FindServerAsync(FleetMatch match, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var why = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var taken = await _pool.TakeAsync(cancellationToken);
            if (taken.Server is not { } process)
            {
                return Result<RunningGameServer>.Failed(taken.Failure!);
            }

            var keep = false;
            try
            {
                process.MatchId = match.Id;
                _life.Announce(new MatchStep.ServerFound(match.Id));
                var target = Target(process);
                var handshake = await GameServerHandshake.RunAsync(target, match.Id, players, _options.AssignTimeout, _time, cancellationToken);
                if (handshake.Outcome == HandshakeOutcome.Ready && Register(match, process, target) is { } server)
                {
                    keep = true;
                    _pool.Confirm();
                    Log.Assigned(_logger, match.Id, server.Name, process.Id, server.Host, server.Port);
                    return Result<RunningGameServer>.Of(server);
                }

                why = handshake.Outcome == HandshakeOutcome.Ready ? "The game server ended as soon as it had its session." : handshake.Detail;
                _pool.Reject(process, why);
                Log.Discarded(_logger, process.Id, match.Id, why);
            }
            finally
            {
                if (!keep)
                {
                    await process.KillAsync();
                }
            }
        }

        return Result<RunningGameServer>.Failed(why);
    }

    private HandshakeTarget Target(GameServerProcess process) => new()
    {
        ControlHost = _program.ControlHost,
        ControlPort = process.Ports.Control,
        ControlToken = process.ControlToken,
        PlayerHost = _program.PlayerHost,
        PlayerPort = process.Ports.Game,
    };

    private RunningGameServer? Register(FleetMatch match, GameServerProcess process, HandshakeTarget target)
    {
        lock (_lock)
        {
            match.Ending.ThrowIfCancellationRequested();
            if (process.Exited.IsCompleted)
            {
                return null;
            }

            match.Process = process;
            match.Target = target;
            match.Record = new ServerRecord(_options, _time);
            match.Server = new RunningGameServer(match.Id, $"game-server-{match.Id.ToString()[..8]}", target.PlayerHost, target.PlayerPort);
            _ = ReportExitAsync(match.Server, process);
            return match.Server;
        }
    }

    private async Task ReportExitAsync(RunningGameServer server, GameServerProcess process)
    {
        // Never go on inside the caller's lock.
        await process.Exited.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            _matches.Remove(server.MatchId);
        }

        Log.Ended(_logger, server.MatchId, process.Id, process.ExitCode);
        _exits.Writer.TryWrite(server);
    }

    private List<RunningGameServer> Running()
    {
        lock (_lock)
        {
            return [.. _matches.Values.Select(match => match.Server).OfType<RunningGameServer>()];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(420, LogLevel.Information, "Match {MatchId} plays on {GameServer}, process {ProcessId}, at {Host}:{Port}")]
        public static partial void Assigned(ILogger logger, Guid matchId, string gameServer, int processId, string host, int port);

        [LoggerMessage(423, LogLevel.Information, "{Running} matches are being played; they have {DrainSeconds} s before they are ended")]
        public static partial void Draining(ILogger logger, int running, double drainSeconds);

        [LoggerMessage(421, LogLevel.Warning, "Game server process {ProcessId} is not given to match {MatchId} and is killed: {Why}")]
        public static partial void Discarded(ILogger logger, int processId, Guid matchId, string why);

        [LoggerMessage(422, LogLevel.Information, "The game server of match {MatchId}, process {ProcessId}, has ended with exit code {ExitCode}")]
        public static partial void Ended(ILogger logger, Guid matchId, int processId, int? exitCode);
    }
}
