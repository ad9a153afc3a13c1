using System.Net.Sockets;
using System.Text;
using GameStack.Contracts.Lines;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers;

/// <summary>A connection to one of a game server's ports, which answers each line with a line.</summary>
internal sealed class LineConnection : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private LineReader? _answers;

    /// <summary>Whether this exception means that the server cannot be reached, or did not answer in time.</summary>
    public static bool MeansSilence(Exception exception, TimeLimit limit) =>
        exception is SocketException or IOException || (exception is OperationCanceledException && limit.HasExpired);

    /// <summary>Connects and sends these lines.</summary>
    /// <exception cref="SocketException">The server could not be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task AskAsync(string host, int port, string lines, CancellationToken cancellationToken)
    {
        await _client.ConnectAsync(host, port, cancellationToken);
        var stream = _client.GetStream();
        _answers = new LineReader(stream, GameProtocol.MaxLineBytes);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(lines), cancellationToken);
    }

    /// <summary>The next answer; null when the server has closed the connection.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask<string?> ReadAnswerAsync(CancellationToken cancellationToken) =>
        _answers?.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("Nothing was asked.");

    public void Dispose() => _client.Dispose();
}
