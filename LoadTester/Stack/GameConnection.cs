using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Run;

namespace GameStack.LoadTester.Stack;

/// <summary>One player's connection to its game server: ASCII lines.</summary>
/// <remarks>
/// The buffer is small on purpose: ten thousand connections wait side by side, and a server's lines have about twenty bytes.
/// </remarks>
internal sealed class GameConnection : IDisposable
{
    /// <summary>The longest line accepted from a server, including its line end.</summary>
    public const int MaxLineBytes = 256;

    private const int DefaultGatewayPort = 7777;

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[MaxLineBytes];
    private int _start;
    private int _end;

    private GameConnection(Stream stream) => _stream = stream;

    /// <summary>Opens the connection in the way that the settings name.</summary>
    /// <exception cref="SocketException">The connection cannot be opened.</exception>
    /// <exception cref="AuthenticationException">There is no TLS with the gateway; the message is a short reason.</exception>
    /// <exception cref="IOException">The connection is lost before there is TLS.</exception>
    /// <exception cref="PlayRefusedException">The proxy has answered, and opens no WebSocket.</exception>
    /// <exception cref="WebSocketException">The WebSocket cannot be opened.</exception>
    public static async Task<GameConnection> OpenAsync(MatchAddress match, LoadSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Through == PlayThrough.WebSocket)
        {
            return new GameConnection(await PlaySocket.OpenAsync(settings.TargetUrl, match.Ticket!, cancellationToken));
        }

        var (host, port, hasTls) = settings.Through == PlayThrough.Gateway
            ? settings.Gateway ?? new GatewayAddress(settings.TargetUrl.DnsSafeHost, DefaultGatewayPort)
            : new GatewayAddress(settings.GameServerHostOverride ?? match.Host, match.Port);
        EndPoint address = IPAddress.TryParse(host, out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(host, port);
        var connection = await PlayerSocket.OpenAsync(address, cancellationToken);
        return new GameConnection(hasTls ? await PlayerTls.OpenAsync(connection, host, cancellationToken) : connection);
    }

    /// <exception cref="IOException">The connection is lost.</exception>
    public ValueTask SendLineAsync(string line, CancellationToken cancellationToken) =>
        _stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);

    /// <summary>The next line without its line end; null if the server has closed the connection.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
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
            var received = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (received == 0)
            {
                return null;
            }

            _end += received;
        }
    }

    public void Dispose() => _stream.Dispose();

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
