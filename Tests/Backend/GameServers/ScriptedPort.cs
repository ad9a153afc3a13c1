using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.Backend.GameServers;

/// <summary>A port of a game server that gives the answers of a test's script.</summary>
internal sealed class ScriptedPort : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedPort()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public static string Host => "127.0.0.1";

    public int Port { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Accepts the next connection and never answers.</summary>
    public async Task<TcpClient> AcceptAsync() =>
        await _listener.AcceptTcpClientAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

    /// <summary>Reads some lines from the next connection, answers, and closes it. Returns the lines.</summary>
    public async Task<IReadOnlyList<string?>> AnswerAsync(int lines, params string[] answers)
    {
        using var client = await AcceptAsync();
        using var reader = new StreamReader(client.GetStream());
        var read = new List<string?>();
        for (var i = 0; i < lines; i++)
        {
            read.Add(await reader.ReadLineAsync(Cancellation));
        }

        await using var writer = new StreamWriter(client.GetStream());
        await writer.WriteAsync(string.Concat(answers.Select(answer => answer + "\n")));
        return read;
    }

    /// <summary>Answers every connection in the same way, for a client that asks again when the machine is slow.</summary>
    public async Task AnswerAllAsync(int lines, params string[] answers)
    {
        while (true)
        {
            try
            {
                await AnswerAsync(lines, answers);
            }
            catch (IOException)
            {
                // The client has closed the connection and connects again.
            }
        }
    }

    /// <summary>Refuses connections from now on.</summary>
    public void Dispose() => _listener.Dispose();
}
