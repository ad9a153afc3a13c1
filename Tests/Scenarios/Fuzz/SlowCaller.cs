using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>A client that sends the beginning of a request and then one letter at a time, for as long as it is let.</summary>
internal sealed class SlowCaller : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(0.2);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private SlowCaller()
    {
    }

    public static async Task<SlowCaller> ConnectAsync(Uri server, string beginning, CancellationToken cancellationToken)
    {
        var caller = new SlowCaller();
        await caller._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), cancellationToken);
        await caller._socket.SendAsync(Encoding.ASCII.GetBytes(beginning), cancellationToken);
        return caller;
    }

    /// <summary>Goes on until the server closes the connection, and answers what it said before that.</summary>
    public async Task<string> DribbleAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace);
        var reading = ReadToEndAsync(cancellationToken);
        while (!reading.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await _socket.SendAsync("x"u8.ToArray(), cancellationToken);
            }
            catch (SocketException)
            {
                break;
            }
        }

        return await reading;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadToEndAsync(CancellationToken cancellationToken)
    {
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                said.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // Reset because of what was still on its way to the server.
        }

        return said.ToString();
    }
}
