using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.GameServer;

/// <summary>A plain TCP client that speaks lines and knows nothing of the product.</summary>
internal sealed class LineSocket : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StreamReader _reader;

    private LineSocket(Socket socket)
    {
        Socket = socket;
        Stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(Stream, Encoding.ASCII);
    }

    public Socket Socket { get; }

    public NetworkStream Stream { get; }

    public static async Task<LineSocket> ConnectAsync(int port, int? receiveBufferBytes = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
        return new LineSocket(socket);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) =>
        await Stream.WriteAsync(bytes, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>The next line; null when the server has closed the connection in good order.</summary>
    public Task<string?> ReadLineAsync() =>
        _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    public async Task<string[]> ReadLinesAsync(int count)
    {
        var lines = new List<string>(count);
        while (lines.Count < count && await ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    /// <summary>Every line until the server closes.</summary>
    public async Task<string[]> ReadToEndAsync()
    {
        var text = await _reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<string?> AskAsync(string line)
    {
        await SendAsync(line + "\n");
        return await ReadLineAsync();
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return Stream.DisposeAsync();
    }
}
