using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GameStack.Tests.Proxy;

/// <summary>The built proxy as a process of its own, for what only a process can show: its exit and its signals.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    private const string ListeningLine = "Now listening on: ";
    private const int Sigterm = 15;

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ProxyProcess(Process process) => _process = process;

    public Task<Uri> Listening => _listening.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public static ProxyProcess Start(params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Proxy.dll") },
            WorkingDirectory = RepositoryFolder.Of("Proxy"),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var proxy = new ProxyProcess(new Process { StartInfo = start });
        proxy._process.OutputDataReceived += proxy.ReadLine;
        proxy._process.Start();
        proxy._process.BeginOutputReadLine();
        return proxy;
    }

    public Task<string> ReadErrorAsync() => _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public void Terminate() => Assert.Equal(0, Kill(_process.Id, Sigterm));

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void ReadLine(object sender, DataReceivedEventArgs line)
    {
        if (line.Data?.IndexOf(ListeningLine, StringComparison.Ordinal) is { } at and >= 0)
            _listening.TrySetResult(new Uri(line.Data[(at + ListeningLine.Length)..]));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
