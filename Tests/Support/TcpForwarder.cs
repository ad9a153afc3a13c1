using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.Support;

/// <summary>
/// One address that leads to one server and later to another, like a DNS name, or to several in turn, like a load balancer.
/// </summary>
internal sealed class TcpForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _connections = [];
    private readonly Task _accepting;
    private volatile int[] _targets;
    private int _next;

    public TcpForwarder(params int[] targets)
    {
        _targets = targets;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>New connections lead to another port of this machine. Existing ones stay where they are, or are cut.</summary>
    public void MoveTo(int target, bool cut)
    {
        _targets = [target];
        if (cut)
        {
            Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Cut();
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stopped.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The forwarder is disposed.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var server = await ConnectAsync();
                _connections[client] = server;
                var (near, far) = (client.GetStream(), server.GetStream());
                await await Task.WhenAny(near.CopyToAsync(far, _stopped.Token), far.CopyToAsync(near, _stopped.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Either side has gone, and so goes the other.
            }
            finally
            {
                _connections.TryRemove(client, out _);
            }
        }
    }

    /// <summary>To the next target, or to the one after it if that target refuses.</summary>
    private async Task<TcpClient> ConnectAsync()
    {
        var targets = _targets;
        var first = (uint)Interlocked.Increment(ref _next);
        for (var tries = 0u; ; tries++)
        {
            var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, targets[(first + tries) % targets.Length], _stopped.Token);
                return server;
            }
            catch (SocketException) when (tries + 1 < targets.Length)
            {
                server.Dispose();
            }
            catch
            {
                server.Dispose();
                throw;
            }
        }
    }

    private void Cut()
    {
        foreach (var (client, server) in _connections)
        {
            client.Dispose();
            server.Dispose();
        }
    }
}
