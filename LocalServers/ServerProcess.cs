using System.Diagnostics;

namespace LocalServers;

/// <summary>
/// A running server program. It ends when this process ends, even if this process is killed, and keeps its data folder locked
/// (run-server.sh).
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The exit code of run-server.sh when another server holds the lock.</summary>
    public const int LockedExitCode = 75;

    private const int TailLines = 20;
    private static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Queue<string> _tail = new();
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<string>? _log;
    private readonly string _readyText;

    private ServerProcess(ProcessStartInfo start, string readyText, Action<string>? log)
    {
        _log = log;
        _readyText = readyText;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => OnExited();
    }

    public int ProcessId { get; private set; }

    public Task<int> Exited => _exited.Task;

    public static ServerProcess Start(ServerPlan plan, IReadOnlyList<string> command)
    {
        // The server gets its own session: Ctrl+C in the terminal reaches only this process, which then shuts its servers down cleanly.
        IEnumerable<string> session = Command.FindOnPath("setsid") is { } setsid ? [setsid] : [];
        string[] line = [.. session, "/bin/sh", ServerPlan.Script, .. command];
        var start = Command.StartInfo(line[0], line.Skip(1), libraryPath: null);
        foreach (var (name, value) in plan.EnvironmentFor("with-stdin"))
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(start, plan.ReadyText, plan.Options.Log);
        server._process.Start();
        server.ProcessId = server._process.Id;
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Returns true when the program reports that it is ready, or false if it ends first.</summary>
    public async Task<bool> WaitUntilReadyAsync(CancellationToken cancellationToken) =>
        await Task.WhenAny(_ready.Task, Exited).WaitAsync(cancellationToken) == _ready.Task;

    /// <summary>How the program ended, and its last lines of output.</summary>
    public async Task<string> DescribeExitAsync(CancellationToken cancellationToken)
    {
        // The exit can be seen before the last lines of output: wait for the end of the output.
        await _process.WaitForExitAsync(cancellationToken);
        lock (_tail)
        {
            return string.Join('\n', [$"it ended with exit code {_process.ExitCode}.", .. _tail]);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        CloseInput(sayItIsGone: false);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(KillAfter);
        try
        {
            await Exited.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await Exited;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_tail)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLines)
            {
                _tail.Dequeue();
            }
        }

        _log?.Invoke(line);
        if (line.Contains(_readyText, StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }

    private void OnExited()
    {
        CloseInput(sayItIsGone: true);
        _exited.TrySetResult(_process.ExitCode);
    }

    private void CloseInput(bool sayItIsGone)
    {
        lock (_process)
        {
            try
            {
                if (sayItIsGone)
                {
                    _process.StandardInput.WriteLine();
                }

                _process.StandardInput.Close();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The input is already closed, or its reader has ended: either way there is nothing left to do.
            }
        }
    }
}
