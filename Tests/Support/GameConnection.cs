using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.Support;

/// <summary>A player's side of the game server's TCP lines.</summary>
public sealed class GameConnection : IDisposable
{
    private readonly TcpClient _client = new();
    private StreamReader _reader = StreamReader.Null;

    private GameConnection()
    {
    }

    public static async Task<GameConnection> ConnectAsync(Seat seat, CancellationToken cancellationToken)
    {
        var connection = new GameConnection();
        try
        {
            await connection._client.ConnectAsync(seat.Host, seat.Port, cancellationToken);
        }
        catch (SocketException e)
        {
            connection.Dispose();
            throw new InvalidOperationException($"{seat.Player} was told to connect to {seat.Host}:{seat.Port} and could not.", e);
        }

        connection._reader = new StreamReader(connection._client.GetStream(), Encoding.ASCII);
        return connection;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _client.Dispose();
    }

    public async Task SendAsync(string line, CancellationToken cancellationToken) =>
        await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);

    /// <summary>The next line; null when the server has closed the connection.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken) => await _reader.ReadLineAsync(cancellationToken);

    public async Task<string?> AskAsync(string line, CancellationToken cancellationToken)
    {
        await SendAsync(line, cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Every line until the server closes the connection.</summary>
    public async Task<IReadOnlyList<string>> ReadToEndAsync(CancellationToken cancellationToken)
    {
        List<string> lines = [];
        while (await ReadAsync(cancellationToken) is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
