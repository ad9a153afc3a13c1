using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy.Gateway;

/// <summary>A port that connections to a match lead to. A test plays the game server on them.</summary>
internal sealed class StandInGameServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<Socket> _accepted = Channel.CreateUnbounded<Socket>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public StandInGameServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its address, as a ticket has it.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>The connections that no test has taken.</summary>
    public int Untaken => _accepted.Reader.Count;

    /// <summary>The next connection.</summary>
    public async Task<LineClient> AcceptedAsync()
    {
        using var within = Waits.Within(Waits.Patient);
        return new LineClient(await _accepted.Reader.ReadAsync(within.Token), TestContext.Current.CancellationToken);
    }

    /// <summary>From now on, connections are refused.</summary>
    public void Stop() => _listener.Stop();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _accepted.Writer.TryWrite(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
