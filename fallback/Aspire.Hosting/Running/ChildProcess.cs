using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>
/// A program of the graph. It is in a session of its own, so that Ctrl+C reaches only the AppHost, which ends everything
/// in order; and on Linux the kernel ends it when the AppHost is gone without a word.
/// </summary>
internal sealed partial class ChildProcess : IRunning
{
    private const int TerminateSignal = 15;

    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    // The kernel takes the death of the thread that started a process for that of its parent, so one thread, which never ends, starts them all.
    private static readonly BlockingCollection<Action> s_starts = StartThread();

    private readonly Process _process;
    private readonly TimeSpan _patience;
    private readonly TaskCompletionSource<int?> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(ProcessStartInfo start, Action<string> log, TimeSpan patience)
    {
        _patience = patience;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var output = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => _ = SetExitedAsync(Task.WhenAll(output.Task, errors.Task));
        _process.OutputDataReceived += (_, line) => Forward(line.Data, output);
        _process.ErrorDataReceived += (_, line) => Forward(line.Data, errors);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        void Forward(string? line, TaskCompletionSource end)
        {
            if (line is null)
            {
                end.TrySetResult();
            }
            else
            {
                log(line);
            }
        }
    }

    public Task<int?> Exited => _exited.Task;

    /// <summary>Starts the program; throws what <see cref="Process.Start()"/> throws when there is none.
    /// After <paramref name="patience"/> a program that was asked to end is killed.</summary>
    public static Task<ChildProcess> StartAsync(
        IReadOnlyList<string> command, string workingDirectory, IReadOnlyDictionary<string, string> environment, Action<string> log, TimeSpan patience)
    {
        string[] line = [.. Wrapper(), .. command];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOwn).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_starts.Add(() =>
        {
            try
            {
                started.SetResult(new ChildProcess(start, log, patience));
            }
            catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            if (OperatingSystem.IsWindows())
            {
                _process.Kill(entireProcessTree: true);
            }
            else
            {
                _ = Kill(_process.Id, TerminateSignal);
            }

            if (await Task.WhenAny(Exited, Task.Delay(_patience)) != Exited)
            {
                _process.Kill(entireProcessTree: true);
                await Exited;
            }
        }

        _process.Dispose();
    }

    private async Task SetExitedAsync(Task spoken)
    {
        var code = _process.ExitCode;

        // The exit is seen before the last words are; a child of the program that lives on may hold the output open for ever.
        await Task.WhenAny(spoken, Task.Delay(s_lastWords));
        _exited.TrySetResult(code);
    }

    // The AppHost's launch profile is its own business: Aspire keeps it from its resources too, and the dashboard would take it for settings of its own.
    private static bool IsOwn(string variable) =>
        variable is "ASPNETCORE_URLS" or "ASPNETCORE_ENVIRONMENT" or "DOTNET_ENVIRONMENT" or "DOTNET_LAUNCH_PROFILE"
        || variable.StartsWith("ASPIRE_", StringComparison.Ordinal);

    private static string[] Wrapper() =>
        OperatingSystem.IsLinux() && PathSearch.Find("setpriv") is { } setpriv && PathSearch.Find("setsid") is { } setsid
            ? [setpriv, "--pdeathsig", "KILL", setsid]
            : [];

    private static BlockingCollection<Action> StartThread()
    {
        BlockingCollection<Action> starts = [];
        new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        { IsBackground = true, Name = "Starts processes" }.Start();
        return starts;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
