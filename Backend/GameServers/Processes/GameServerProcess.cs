using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// One child process that runs the game server program. Its standard input stays open as long as this backend lives and the server is
/// wanted. When the input ends, the server stops, even if no backend is left to tell it to.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The process is disposed of when it has exited.")]
internal sealed partial class GameServerProcess
{
    private const int LongestLogLine = 4096;

    private readonly Process _process;
    private readonly StreamWriter _input;
    private readonly TimeSpan _stopTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger<GameServerProcess> _logger;
    private readonly TaskCompletionSource<GameServerPorts?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private Task? _stopped;

    /// <summary>
    /// Starts the process. It ends through this object's <see cref="StopAsync"/> or <see cref="KillAsync"/>, or by itself.
    /// </summary>
    public GameServerProcess(
        ProcessStartInfo start, string controlToken, TimeSpan stopTimeout, TimeProvider time, ILogger<GameServerProcess> logger)
    {
        ControlToken = controlToken;
        _stopTimeout = stopTimeout;
        _time = time;
        _logger = logger;
        StartedAt = time.GetTimestamp();
        _process = new Process { StartInfo = start };
        _process.Start();
        _input = _process.StandardInput;
        Id = _process.Id;
        Exited = RunAsync();
    }

    public int Id { get; }

    public string ControlToken { get; }

    /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
    public long StartedAt { get; }

    /// <summary>The match, for the log; null until there is one.</summary>
    public Guid? MatchId { get; set; }

    /// <summary>Completes with the ports when the server is on standby, or with null when it ended before that.</summary>
    public Task<GameServerPorts?> Ready => _ready.Task;

    /// <summary>The ports of a server that is <see cref="Ready"/>.</summary>
    public GameServerPorts Ports => Ready is { IsCompletedSuccessfully: true, Result: { } ports }
        ? ports
        : throw new InvalidOperationException("The server is not ready.");

    /// <summary>Completes when the process is gone.</summary>
    public Task Exited { get; }

    /// <summary>Null while the process lives.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Stops the server, which tells its clients; kills it when that takes too long.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            return _stopped ??= StopOnceAsync();
        }
    }

    public Task KillAsync()
    {
        lock (_lock)
        {
            if (ExitCode is null)
            {
                _process.Kill();
            }
        }

        return Exited;
    }

    private async Task StopOnceAsync()
    {
        _input.Close();
        await Exited.WaitAsync(_stopTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!Exited.IsCompleted)
        {
            Log.Killed(_logger, Id, MatchId, _stopTimeout);
            await KillAsync();
        }
    }

    private async Task RunAsync()
    {
        using var closing = new CancellationTokenSource();
        var output = ReadOutputAsync(closing.Token);
        var errors = ReadErrorsAsync(closing.Token);
        await _process.WaitForExitAsync();
        lock (_lock)
        {
            ExitCode = _process.ExitCode;
        }

        // The server's last lines are still in the pipes, but a process that inherited the pipes may keep them open forever.
        closing.CancelAfter(TimeSpan.FromSeconds(1));
        await Task.WhenAll(output, errors);
        _ready.TrySetResult(null);
        _input.Close();
        _process.StandardOutput.Close();
        _process.StandardError.Close();
        _process.Dispose();
    }

    private async Task ReadOutputAsync(CancellationToken cancellationToken)
    {
        var lines = new LineReader(_process.StandardOutput.BaseStream, LongestLogLine);
        while (await ReadAsync(lines, cancellationToken) is { } line)
        {
            if (!_ready.Task.IsCompleted && GameServerPorts.Parse(line) is { } ports)
            {
                _ready.TrySetResult(ports);
            }
            else
            {
                Log.Output(_logger, Id, MatchId, line);
            }
        }
    }

    private async Task ReadErrorsAsync(CancellationToken cancellationToken)
    {
        var lines = new LineReader(_process.StandardError.BaseStream, LongestLogLine);
        while (await ReadAsync(lines, cancellationToken) is { } line)
        {
            Log.Error(_logger, Id, MatchId, line);
        }
    }

    private static async ValueTask<string?> ReadAsync(LineReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Output, LogLevel.Debug, "Game server process {ProcessId} ({MatchId}): {Line}")]
        public static partial void Output(ILogger logger, int processId, Guid? matchId, string line);

        [LoggerMessage(EventIds.Error, LogLevel.Warning, "Game server process {ProcessId} ({MatchId}): {Line}")]
        public static partial void Error(ILogger logger, int processId, Guid? matchId, string line);

        [LoggerMessage(EventIds.Killed, LogLevel.Warning,
            "Killing game server process {ProcessId} ({MatchId}): it did not stop within {Timeout}")]
        public static partial void Killed(ILogger logger, int processId, Guid? matchId, TimeSpan timeout);
    }
}
