using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.Support;

/// <summary>
/// A plain TCP client that speaks lines and knows nothing of the product. No call takes longer than <see cref="Waits.Patient"/>.
/// </summary>
public sealed class LineClient : IAsyncDisposable
{
    private readonly CancellationToken _cancelled;
    private readonly StreamReader _reader;

    internal LineClient(Socket socket, CancellationToken cancellationToken)
    {
        _cancelled = cancellationToken;
        Socket = socket;
        Stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(Stream, Encoding.ASCII);
    }

    public Socket Socket { get; }

    public NetworkStream Stream { get; }

    /// <param name="port">The server's port on this machine.</param>
    /// <param name="receiveBufferBytes">A small buffer makes a slow reader.</param>
    /// <param name="from">The client's own address, such as 127.0.0.2.</param>
    public static Task<LineClient> ConnectAsync(int port, int? receiveBufferBytes = null, IPAddress? from = null) =>
        ConnectAsync("127.0.0.1", port, receiveBufferBytes, from, TestContext.Current.CancellationToken);

    /// <summary>Connects a player to the game server of the match.</summary>
    /// <param name="seat">What the player was told.</param>
    /// <param name="cancellationToken">Ends any later call of this client, too.</param>
    /// <exception cref="InvalidOperationException">Nobody listens there; the inner exception is the socket's.</exception>
    public static async Task<LineClient> ConnectAsync(Seat seat, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seat);
        try
        {
            return await ConnectAsync(seat.Host, seat.Port, receiveBufferBytes: null, from: null, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException($"{seat.Player} was told to connect to {seat.Host}:{seat.Port} and could not.", e);
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => Stream.WriteAsync(bytes, _cancelled).AsTask().WaitAsync(Waits.Patient, _cancelled);

    public Task SendLineAsync(string line) => SendAsync(line + "\n");

    /// <summary>The next line; null when the server has closed the connection in good order.</summary>
    public Task<string?> ReadLineAsync() => _reader.ReadLineAsync(_cancelled).AsTask().WaitAsync(Waits.Patient, _cancelled);

    public async Task<string[]> ReadLinesAsync(int count)
    {
        var lines = new List<string>(count);
        while (lines.Count < count && await ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    /// <summary>Every line until the server closes the connection.</summary>
    public async Task<string[]> ReadToEndAsync()
    {
        var text = await _reader.ReadToEndAsync(_cancelled).WaitAsync(Waits.Patient, _cancelled);
        return text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
    }

    public async Task<string?> AskAsync(string line)
    {
        await SendLineAsync(line);
        return await ReadLineAsync();
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return Stream.DisposeAsync();
    }

    private static async Task<LineClient> ConnectAsync(
        string host, int port, int? receiveBufferBytes, IPAddress? from, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (receiveBufferBytes is { } bytes)
            {
                socket.ReceiveBufferSize = bytes;
            }

            if (from is not null)
            {
                socket.Bind(new IPEndPoint(from, 0));
            }

            await socket.ConnectAsync(host, port, cancellationToken);
            return new LineClient(socket, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
