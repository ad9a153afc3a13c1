using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GameStack.Tests.Support;

/// <summary>One of our programs as a process of its own, with all that it printed.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    public const int SigInt = 2;
    public const int SigTerm = 15;

    private readonly Process _process;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _printed = NewSignal();

    private RunningProgram(Process process, string name)
    {
        _process = process;
        _name = name;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
    }

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Starts a project's program with <paramref name="settings"/> added to the environment of the tests.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="asGroup">Whether it leads a process group, as a shell has it; see <see cref="InterruptGroup"/>.</param>
    public static RunningProgram Start(string project, IReadOnlyDictionary<string, string?> settings, bool asGroup = false)
    {
        // Without `env`, a test run in the background of a shell would hand down that SIGINT is ignored.
        string[] command = [.. asGroup ? ["setsid"] : Array.Empty<string>(), "env", "--default-signal=INT", ProductPrograms.PathOf(project)];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = ProductPrograms.FolderOf(project),
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var program = new RunningProgram(new Process { StartInfo = start, EnableRaisingEvents = true }, project);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>The first line for which <paramref name="read"/> has an answer, of those printed already and those to come.</summary>
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
                    if (read(_lines[next]) is { } answer)
                    {
                        return answer;
                    }
                }

                printed = _printed.Task;
            }

            await AwaitAsync(printed, phase, within.Token);
        }
    }

    /// <summary>Waits until <c>/health</c> at <paramref name="door"/>, which this program opens, answers that all is well.</summary>
    public async Task WaitUntilHealthyAsync(ContractClient door, TimeSpan limit)
    {
        using var within = Waits.Within(limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await door.IsHealthyAsync(within.Token))
        {
            if (_process.HasExited)
            {
                throw Failure($"it ended with {_process.ExitCode} before it was healthy");
            }

            if (within.IsCancellationRequested)
            {
                throw Failure("it did not get healthy in time");
            }

            // Nothing of the contract says when a door opens: the only way to know is to knock.
            await timer.WaitForNextTickAsync(CancellationToken.None);
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

    public void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            Assert.Equal(0, Kill(_process.Id, signal));
        }
    }

    /// <summary>What Ctrl+C in a terminal does: every process of the group is interrupted, not only the first one.</summary>
    public void InterruptGroup() => Assert.Equal(0, Kill(-_process.Id, SigInt));

    /// <summary>Kills the process and waits until it is gone; its children may go on, and hold its output open.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(Waits.Patient);
    }

    public InvalidOperationException Failure(string what) =>
        new($"{_name}: {what}. It printed last:{Environment.NewLine}{string.Join(Environment.NewLine, Lines.TakeLast(60))}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

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

    private void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource printed;
        lock (_lock)
        {
            _lines.Add(line);
            printed = _printed;
            _printed = NewSignal();
        }

        printed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
