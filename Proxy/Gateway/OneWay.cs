using System.Buffers;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// Carries bytes from one peer to another. It holds a buffer while bytes move and none while it is idle, and reads no more than the other
/// peer takes.
/// </summary>
internal sealed class OneWay(IPeer from, IPeer to, LargeBuffers large, Action<int> carried)
{
    /// <summary>Most lines of a game are shorter.</summary>
    private const int SmallBuffer = 4 * 1024;

    private byte[]? _buffer;

    /// <summary>That of a large buffer once bytes have filled the small one, while there is one.</summary>
    private int _size = SmallBuffer;

    /// <summary>
    /// Completes when the one has ended, which the other is then told; or when a peer was lost, which is returned.
    /// </summary>
    public async Task<IPeer?> RunAsync()
    {
        var peer = from;
        try
        {
            while (true)
            {
                peer = from;
                var arrival = from.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
                if (!arrival.IsCompleted)
                    LetGoOfBuffer();

                await arrival;
                var count = await from.ReadAsync(TakeBuffer(), CancellationToken.None);
                peer = to;
                if (count == 0)
                {
                    await to.EndAsync();
                    return null;
                }

                await to.WriteAsync(_buffer.AsMemory(0, count));
                carried(count);
                if (count == _buffer!.Length)
                    _size = LargeBuffers.Size;
                else if (count < SmallBuffer)
                    _size = SmallBuffer;
            }
        }
        catch (Exception e) when (IPeer.MeansLoss(e))
        {
            return peer;
        }
        finally
        {
            LetGoOfBuffer();
        }
    }

    private byte[] TakeBuffer()
    {
        if (_buffer?.Length == _size)
            return _buffer;

        LetGoOfBuffer();
        if (_size == LargeBuffers.Size && !large.TryTake())
            _size = SmallBuffer;
        return _buffer = ArrayPool<byte>.Shared.Rent(_size);
    }

    private void LetGoOfBuffer()
    {
        if (_buffer is null)
            return;

        if (_buffer.Length == LargeBuffers.Size)
            large.Return();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}
