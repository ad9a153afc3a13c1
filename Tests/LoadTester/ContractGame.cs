using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.LoadTester;

/// <summary>One match over real TCP, which speaks contract.md's lines or breaks them on purpose.</summary>
internal sealed class ContractGame : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _allRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GameBehaviour _behaviour;
    private readonly Task _mayStop;
    private readonly Task _accepting;
    private int _missing;

    public ContractGame(int players, GameBehaviour behaviour, Task mayStop)
    {
        _missing = players;
        _behaviour = behaviour;
        _mayStop = mayStop;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        if (behaviour == GameBehaviour.Refuse)
            _listener.Stop();
        _accepting = behaviour == GameBehaviour.Refuse ? Task.CompletedTask : AcceptAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { NewLine = _behaviour == GameBehaviour.PlayVerbosely ? "\r\n" : "\n" };
        try
        {
            await SpeakAsync(reader, writer);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task SpeakAsync(StreamReader reader, StreamWriter writer)
    {
        if (_behaviour == GameBehaviour.CloseAtOnce)
            return;

        var request = await reader.ReadLineAsync(_stop.Token);
        if (request?.StartsWith("JOIN ", StringComparison.Ordinal) == true)
        {
            await SayAsync(writer, "JOINED 0 player");
            request = await reader.ReadLineAsync(_stop.Token);
        }

        var seconds = request is ['R', 'E', 'Q', 'U', 'E', 'S', 'T', '_', 'M', 'A', 'T', 'C', 'H', ' ', .. var length] ? length : null;
        if (seconds is null || _behaviour == GameBehaviour.AnswerUnknown)
        {
            await SayAsync(writer, "UNKNOWN");
            return;
        }

        switch (_behaviour)
        {
            case GameBehaviour.SayNothing:
                await Task.Delay(Timeout.Infinite, _stop.Token);
                break;
            case GameBehaviour.FloodOneLine:
                await SayAsync(writer, new string('x', 10_000));
                break;
            case GameBehaviour.StopWithoutRunning:
                await SayAsync(writer, $"RUNNING_LENGTH {seconds}", "STATE stop");
                break;
            case GameBehaviour.CloseBeforeStop:
                await SayAsync(writer, $"RUNNING_LENGTH {seconds}", "STATE running");
                break;
            case GameBehaviour.PlayVerbosely:
                await SayAsync(writer, "WELCOME to the game", $"RUNNING_LENGTH {seconds}", "STATE open", "STATE running");
                await StopAsync(writer, "SCORE 1 2", "STATE stop", "GOODBYE");
                break;
            default:
                await SayAsync(writer, $"RUNNING_LENGTH {seconds}", "STATE running");
                await StopAsync(writer, "STATE stop");
                break;
        }
    }

    private async Task StopAsync(StreamWriter writer, params string[] lines)
    {
        if (Interlocked.Decrement(ref _missing) == 0)
            _allRequested.SetResult();
        await Task.WhenAll(_allRequested.Task, _mayStop).WaitAsync(_stop.Token);
        await SayAsync(writer, lines);
    }

    private async Task SayAsync(StreamWriter writer, params string[] lines)
    {
        foreach (var line in lines)
            await writer.WriteLineAsync(line.AsMemory(), _stop.Token);
        await writer.FlushAsync(_stop.Token);
    }
}
