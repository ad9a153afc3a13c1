using System.Diagnostics;
using System.Threading.Channels;

namespace GameStack.Tests.Support;

/// <summary>A program as a process of its own, with everything that it has printed. Disposing ends it, and what it started.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly List<(string Text, bool IsError)> _lines = [];
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _printed = NewSignal();

    private RunningProgram(Process process, string name)
    {
        _process = process;
        _name = name;
        process.OutputDataReceived += (_, line) => AddOutput(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data, isError: true);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has printed so far, in the order of arrival.</summary>
    public IReadOnlyList<string> Lines => Printed(_ => true);

    /// <summary>What it has printed so far on standard output.</summary>
    public IReadOnlyList<string> Output => Printed(isError => !isError);

    /// <summary>What it has printed so far on standard error.</summary>
    public IReadOnlyList<string> Errors => Printed(isError => isError);

    /// <summary>Starts a project's program.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="settings">Environment variables on top of those of the tests; null removes one.</param>
    /// <param name="asGroup">Whether it leads a process group, as a shell has it; see <see cref="InterruptGroup"/>.</param>
    public static RunningProgram Start(string project, IReadOnlyDictionary<string, string?> settings, bool asGroup = false) =>
        Start(
            project,
            [.. asGroup ? ["setsid"] : Array.Empty<string>(), ProductPrograms.PathOf(project)],
            settings,
            ProductPrograms.FolderOf(project));

    /// <summary>Starts any program, at the root of the repository.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="settings">Environment variables on top of those of the tests; null removes one.</param>
    public static RunningProgram StartCommand(IReadOnlyList<string> command, IReadOnlyDictionary<string, string?>? settings = null) =>
        Start(command[0], command, settings ?? new Dictionary<string, string?>(), Repository.Root);

    /// <summary>The next line of standard output; null at its end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var within = Waits.Within(Waits.Patient);
        try
        {
            return await _output.Reader.WaitToReadAsync(within.Token) ? await _output.Reader.ReadAsync(within.Token) : null;
        }
        catch (OperationCanceledException)
        {
            throw Failure("its next line did not come in time");
        }
    }

    /// <summary>
    /// The first line for which <paramref name="read"/> has an answer, of those printed already and those to come: nothing that is printed
    /// before the call is missed.
    /// </summary>
    public async Task<T> WaitForLineAsync<T>(Func<string, T?> read, string phase, TimeSpan limit)
        where T : class
    {
        using var within = Waits.Within(limit);
        var next = 0;
        while (true)
        {
            Task printed;
            lock (_lock)
            {
                for (; next < _lines.Count; next++)
                {
                    if (read(_lines[next].Text) is { } answer)
                    {
                        return answer;
                    }
                }

                printed = _printed.Task;
            }

            await AwaitAsync(printed, phase, within.Token);
        }
    }

    /// <summary>The address at which a web application listens, once it says so. A program that fails to is ended.</summary>
    public async Task<Uri> WaitUntilListeningAsync()
    {
        try
        {
            return await WaitForLineAsync(ReadAddress, "listening", Waits.Patient);
        }
        catch when (!HasExited)
        {
            Kill();
            throw;
        }
    }

    /// <summary>Waits until <c>/health</c> at <paramref name="door"/>, which this program opens, answers that all is well.</summary>
    public async Task WaitUntilHealthyAsync(ContractClient door, TimeSpan limit)
    {
        try
        {
            await Eventually.IsAsync(
                "healthy",
                async token => HasExited
                    ? throw Failure($"it ended with {_process.ExitCode} before it was healthy")
                    : await door.IsHealthyAsync(token),
                limit);
        }
        catch (TimeoutException e)
        {
            throw Failure(e.Message);
        }
    }

    /// <summary>Waits until the process has ended and everything it printed was read.</summary>
    public async Task<int> WaitForExitAsync(string phase, TimeSpan limit)
    {
        using var within = Waits.Within(limit);
        try
        {
            await _process.WaitForExitAsync(within.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw Failure($"{phase}: still running");
        }
    }

    /// <summary>Ends its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            UnixSignals.Send(_process.Id, signal);
        }
    }

    /// <summary>What Ctrl+C in a terminal does: every process of the group is interrupted, not only the first one.</summary>
    public void InterruptGroup() => UnixSignals.Send(-_process.Id, UnixSignals.Interrupt);

    /// <summary>Kills the process and waits until it is gone; its children may go on, and hold its output open.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(Waits.Patient);
    }

    /// <summary>SIGTERM, and then the exit code.</summary>
    public Task<int> StopAsync()
    {
        Signal(UnixSignals.Terminate);
        return WaitForExitAsync("stopping", Waits.Patient);
    }

    public InvalidOperationException Failure(string what) =>
        new($"{_name}: {what}. It printed last:{Environment.NewLine}{string.Join(Environment.NewLine, Lines.TakeLast(60))}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static Uri? ReadAddress(string line) =>
        line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[(at + Listening.Length)..].Trim()) : null;

    private async Task AwaitAsync(Task printed, string phase, CancellationToken cancellationToken)
    {
        var exited = _process.WaitForExitAsync(cancellationToken);
        try
        {
            await await Task.WhenAny(printed, exited);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"{phase}: it did not come in time");
        }

        if (!printed.IsCompleted)
        {
            throw Failure($"{phase}: it ended with {_process.ExitCode}");
        }
    }

    private static RunningProgram Start(
        string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> settings, string folder)
    {
        // Without `env`, a test run in the background of a shell would hand down that SIGINT is ignored.
        string[] all = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", .. command] : [.. command];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in settings)
        {
            start.Environment[variable] = value;
        }

        var program = new RunningProgram(new Process { StartInfo = start, EnableRaisingEvents = true }, name);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    private void AddOutput(string? line)
    {
        if (line is null)
        {
            _output.Writer.TryComplete();
            return;
        }

        _output.Writer.TryWrite(line);
        Add(line, isError: false);
    }

    private void Add(string? line, bool isError)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource printed;
        lock (_lock)
        {
            _lines.Add((line, isError));
            printed = _printed;
            _printed = NewSignal();
        }

        printed.SetResult();
    }

    private List<string> Printed(Func<bool, bool> isWanted)
    {
        lock (_lock)
        {
            return [.. _lines.Where(line => isWanted(line.IsError)).Select(line => line.Text)];
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
