using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.Support.Faults;

/// <summary>Resets each connection as soon as it has accepted it.</summary>
public sealed class ResettingListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;

    public ResettingListener()
    {
        _listener.Start();
        Url = new Uri($"http://{_listener.LocalEndpoint}/");
        _accepting = ResetAllAsync();
    }

    public Uri Url { get; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _over.Dispose();
    }

    private async Task ResetAllAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await _listener.AcceptSocketAsync(_over.Token);
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
