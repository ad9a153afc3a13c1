using GameStack.GameServer.Lines;

namespace GameStack.Tests.GameServer.Lines;

public sealed class LineSenderTests : IDisposable
{
    private const int MaxLineBytes = 1024;

    private readonly SocketPair _pair = SocketPair.Connect(bufferBytes: 4096);
    private readonly ConnectionEvents _events = new();
    private readonly LineSender _sender;

    public LineSenderTests() => _sender = new LineSender(_pair.Ours, _events);

    [Fact]
    public void What_the_peer_takes_at_once_is_sent_in_order()
    {
        Assert.True(_sender.TryAdd("one\n"u8, MaxLineBytes));
        Assert.True(_sender.TryAdd("two\n"u8, MaxLineBytes));

        Assert.True(_sender.Flush());

        Assert.False(_sender.IsWaiting);
        _pair.Ours.Close();
        Assert.Equal("one\ntwo\n"u8, _pair.ReadToEnd());
    }

    [Fact]
    public async Task What_the_peer_does_not_take_waits_and_follows_in_order()
    {
        var sent = FillUntilWaiting();
        var reading = Task.Run(_pair.ReadToEnd, TestContext.Current.CancellationToken);

        while (_sender.IsWaiting)
        {
            await _events.PieceSentAsync();
            Assert.True(_sender.FinishPiece());
            Assert.True(_sender.Flush());
        }

        _pair.Ours.Close();
        Assert.Equal(sent, await reading);
    }

    [Fact]
    public void A_peer_that_leaves_too_much_unread_gets_no_more()
    {
        FillUntilWaiting();
        var line = new byte[MaxLineBytes];
        var added = 0;

        while (_sender.TryAdd(line, MaxLineBytes))
        {
            added += line.Length;
        }

        Assert.InRange(added, LineSender.MaxUnsentBytes - (2 * MaxLineBytes) - 4096, LineSender.MaxUnsentBytes + MaxLineBytes);
    }

    [Fact]
    public void A_reset_connection_is_lost()
    {
        _pair.Theirs.LingerState = new(enable: true, seconds: 0);
        _pair.Theirs.Close();
        _sender.TryAdd("one\n"u8, MaxLineBytes);

        Assert.False(_sender.Flush());
    }

    public void Dispose()
    {
        _sender.Dispose();
        _pair.Dispose();
    }

    /// <summary>Sends numbered lines until one has to wait; returns all of them.</summary>
    private byte[] FillUntilWaiting()
    {
        using var sent = new MemoryStream();
        for (var i = 0; !_sender.IsWaiting; i++)
        {
            var line = System.Text.Encoding.ASCII.GetBytes($"{i,1000}\n");
            sent.Write(line);
            Assert.True(_sender.TryAdd(line, MaxLineBytes));
            Assert.True(_sender.Flush());
        }

        return sent.ToArray();
    }
}
