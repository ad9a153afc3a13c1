using System.Threading.Channels;
using GameStack.GameServer.Lines;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Lines;

/// <summary>Waits for what a part of a connection reports.</summary>
internal sealed class ConnectionEvents : IConnectionEvents
{
    private readonly Channel<bool> _pieces = Channel.CreateUnbounded<bool>();

    public int LimitTicks { get; private set; }

    public Task PieceSentAsync() => _pieces.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(Waits.Patient, TestContext.Current.CancellationToken);

    public void OnPieceSent() => _pieces.Writer.TryWrite(true);

    public void OnLimitTick() => LimitTicks++;
}
