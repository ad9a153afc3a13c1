using System.Net.Sockets;

using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.GameServers;

/// <summary>A player's connection to a game server.</summary>
internal sealed class Player : IDisposable
{
    private readonly TcpClient _client = new();
    private StreamReader _reader = null!;
    private StreamWriter _writer = null!;

    public static async Task<Player> ConnectAsync(RunningGameServer server)
    {
        var player = new Player();
        await player._client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        player._reader = new StreamReader(player._client.GetStream());
        player._writer = new StreamWriter(player._client.GetStream()) { AutoFlush = true, NewLine = "\n" };
        return player;
    }

    public async Task<string?> AskAsync(string line)
    {
        await _writer.WriteLineAsync(line.AsMemory(), TestContext.Current.CancellationToken);
        return await HearAsync();
    }

    /// <summary>The next line, or null when the server has closed the connection.</summary>
    public Task<string?> HearAsync() => _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _reader?.Dispose();
        _writer?.Dispose();
        _client.Dispose();
    }
}
