using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.GameServers;

/// <summary>
/// A game server program of which the test decides every answer: its processes only say that they are ready, on two ports where the test
/// itself listens. Once repaired, the same program is the real game server.
/// </summary>
internal sealed class RudeGameServer : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TcpListener _game = new(IPAddress.Loopback, 0);
    private readonly TcpListener _control = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<string, Task<string?>> _answer;

    /// <param name="answer">
    /// The answer to a line of either port: null closes the connection. For a line without an answer, the task never completes.
    /// </param>
    /// <param name="run">What a process does then, in the shell; when it only exits, it does not say that it is ready before.</param>
    public RudeGameServer(Func<string, Task<string?>> answer, string run = "exec cat")
    {
        _answer = answer;
        _game.Start();
        _control.Start();
        _ = ServeAsync(_game);
        _ = ServeAsync(_control);
        Directory.CreateDirectory(Processes);
        var ready = run.StartsWith("exit", StringComparison.Ordinal) ? "" : $"echo READY {Port(_game)} {Port(_control)}; ";
        Program = Path.Combine(_folder.Path, "game-server");
        File.WriteAllText(Program, string.Create(CultureInfo.InvariantCulture,
            $"""
            #!/bin/sh
            if [ -e "{Repaired}" ]; then exec "{GameServerPrograms.GameServer}"; fi
            : > "{Processes}/$$"
            {ready}{run}

            """));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string Program { get; }

    private string Repaired => Path.Combine(_folder.Path, "repaired");

    private string Processes => Path.Combine(_folder.Path, "processes");

    /// <summary>What a good server would say, before anybody has asked it for a match.</summary>
    public static string Polite(string line) => line.Split(' ')[0] switch
    {
        "AUTH" or "ASSIGN" => "OK",
        "GET_STATE" => "STATE open",
        "GET_RUNNING_LENGTH" => "RUNNING_LENGTH 0",
        _ => "UNKNOWN",
    };

    /// <summary>A program that answers as <paramref name="rude"/> has it, and politely where that has nothing to say.</summary>
    public static RudeGameServer Saying(Func<string, string?> rude) => new(line => Task.FromResult<string?>(rude(line) ?? Polite(line)));

    public static RudeGameServer ThatExitsAtOnce() => new(_ => Task.FromResult<string?>(null), "exit 3");

    /// <summary>Processes that are started from now on are real game servers.</summary>
    public void Repair() => File.WriteAllText(Repaired, "");

    /// <summary>Kills every process of this program that was started so far.</summary>
    public void Crash()
    {
        foreach (var file in Directory.EnumerateFiles(Processes))
        {
            File.Delete(file);
            try
            {
                using var process = Process.GetProcessById(int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture));
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It is gone.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _game.Dispose();
        _control.Dispose();
        _folder.Dispose();
        _closing.Dispose();
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(_closing.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream());
                while (await reader.ReadLineAsync(_closing.Token) is { } line && await _answer(line)
                    .WaitAsync(_closing.Token) is { } answer)
                {
                    await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer + "\n"), _closing.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The backend has heard enough, or the test is over.
            }
        }
    }
}
