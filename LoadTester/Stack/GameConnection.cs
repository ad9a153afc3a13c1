using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.LoadTester.Stack;

/// <summary>One player's TCP connection to its game server: ASCII lines.</summary>
/// <remarks>
/// The buffer is small on purpose: ten thousand connections wait side by side, and a server's lines have about twenty bytes.
/// </remarks>
internal sealed class GameConnection : IDisposable
{
    /// <summary>The longest line accepted from a server, including its line end.</summary>
    public const int MaxLineBytes = 256;

    private readonly PlayerSocket _socket = PlayerSocket.Open();
    private readonly byte[] _buffer = new byte[MaxLineBytes];
    private int _start;
    private int _end;

    private GameConnection()
    {
    }

    /// <exception cref="SocketException">The connection cannot be opened.</exception>
    public static async Task<GameConnection> OpenAsync(string host, int port, CancellationToken cancellationToken)
    {
        var connection = new GameConnection();
        try
        {
            await (IPAddress.TryParse(host, out var address)
                ? connection._socket.ConnectAsync(address, port, cancellationToken)
                : connection._socket.ConnectAsync(host, port, cancellationToken));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <exception cref="SocketException">The connection is lost.</exception>
    public async Task SendLineAsync(string line, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(line + "\n");
        while (!rest.IsEmpty)
        {
            rest = rest[await _socket.SendAsync(rest, cancellationToken)..];
        }
    }

    /// <summary>The next line without its line end; null if the server has closed the connection.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="InvalidDataException">The line is longer than <see cref="MaxLineBytes"/>.</exception>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTakeLine() is { } line)
            {
                return line;
            }

            MakeRoom();
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            if (received == 0)
            {
                return null;
            }

            _end += received;
        }
    }

    public void Dispose() => _socket.Dispose();

    private string? TryTakeLine()
    {
        var unread = _buffer.AsSpan(_start, _end - _start);
        var length = unread.IndexOf((byte)'\n');
        if (length < 0)
        {
            return null;
        }

        _start += length + 1;
        return Encoding.ASCII.GetString(unread[..length].TrimEnd((byte)'\r'));
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            throw new InvalidDataException($"A line of more than {MaxLineBytes} bytes.");
        }
    }
}
