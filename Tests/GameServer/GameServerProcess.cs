using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using GameStack.Contracts;

namespace GameStack.Tests.GameServer;

/// <summary>The built game server, run as a process of its own.</summary>
internal sealed class GameServerProcess : IAsyncDisposable
{
    public const string Token = "a token of the tests";

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private GameServerProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _lines.Writer.TryComplete();
            }
            else
            {
                _lines.Writer.TryWrite(line.Data);
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        Errors = _process.StandardError.ReadToEndAsync();
    }

    public static string Path { get; } = System.IO.Path.Combine(Repository(), "artifacts", "game-server", OperatingSystem.IsWindows() ? "GameServer.exe" : "GameServer");

    public int GamePort { get; private set; }

    public int ControlPort { get; private set; }

    public int Id => _process.Id;

    /// <summary>All of standard error, once the process is gone.</summary>
    public Task<string> Errors { get; }

    public static Task<GameServerProcess> StartOpenAsync(params (string Name, string Value)[] settings) =>
        StartReadyAsync([(GameServerSettings.SessionId, Guid.NewGuid().ToString()), .. settings]);

    public static Task<GameServerProcess> StartStandbyAsync(params (string Name, string Value)[] settings) =>
        StartReadyAsync([(GameServerSettings.ControlPort, "0"), (GameServerSettings.ControlToken, Token), .. settings]);

    /// <summary>An open server that may have so many files and sockets at once, and raises a soft limit to a hard one.</summary>
    public static Task<GameServerProcess> StartOpenAsync(int softDescriptors, int hardDescriptors) =>
        ReadyAsync(Start(
            "/bin/sh",
            ["-c", $"ulimit -Sn {softDescriptors} && ulimit -Hn {hardDescriptors} && exec \"$0\"", Path],
            [(GameServerSettings.SessionId, Guid.NewGuid().ToString())]));

    /// <summary>Starts it with these settings alone, whatever this process has got.</summary>
    public static GameServerProcess Start(params (string Name, string Value)[] settings) => Start(Path, [], settings);

    private static GameServerProcess Start(string program, string[] arguments, (string Name, string Value)[] settings)
    {
        if (OperatingSystem.IsLinux())
        {
            // A shell lets what runs in its background ignore SIGINT, which goes from parent to child.
            (program, arguments) = ("/usr/bin/env", ["--default-signal=INT", program, .. arguments]);
        }

        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] names =
        [
            GameServerSettings.SessionId, GameServerSettings.Players, GameServerSettings.ControlPort, GameServerSettings.ControlToken,
            GameServerSettings.ControlPublicKey, GameServerSettings.ControlSubject,
            GameServerSettings.StopWithParent, GameServerSettings.ConnectTimeoutSeconds, GameServerSettings.OpenTimeoutSeconds,
        ];
        foreach (var name in names)
        {
            start.Environment.Remove(name);
        }

        start.Environment[GameServerSettings.Port] = "0";
        start.Environment[GameServerSettings.ListenAddress] = "127.0.0.1";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new GameServerProcess(new Process { StartInfo = start });
    }

    public Task<LineSocket> ConnectAsync(int? receiveBufferBytes = null) => LineSocket.ConnectAsync(GamePort, receiveBufferBytes);

    /// <summary>A control connection that is let in.</summary>
    public async Task<LineSocket> ConnectControlAsync()
    {
        var control = await LineSocket.ConnectAsync(ControlPort);
        Assert.Equal("OK", await control.AskAsync($"AUTH {Token}"));
        return control;
    }

    /// <summary>The next line of standard output; null at its end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        var more = await _lines.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(LineSocket.Patience, TestContext.Current.CancellationToken);
        return more && _lines.Reader.TryRead(out var line) ? line : null;
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(LineSocket.Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void CloseInput() => _process.StandardInput.Close();

    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static Task<GameServerProcess> StartReadyAsync((string Name, string Value)[] settings) => ReadyAsync(Start(settings));

    private static async Task<GameServerProcess> ReadyAsync(GameServerProcess server)
    {
        var words = (await server.ReadLineAsync())?.Split(' ') ?? [];
        if (words is not ["READY", var gamePort, var controlPort])
        {
            Assert.Fail($"The first line is '{string.Join(' ', words)}'. {await server.Errors}");
            return server;
        }

        server.GamePort = int.Parse(gamePort, CultureInfo.InvariantCulture);
        server.ControlPort = int.Parse(controlPort, CultureInfo.InvariantCulture);
        return server;
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "GameStack.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run below the repository.");
        }

        return folder;
    }
}
