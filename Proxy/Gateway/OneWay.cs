using System.Buffers;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// Carries bytes from one peer to another. It holds a buffer while bytes move and none while it is idle, and reads no more than the other
/// peer takes.
/// </summary>
internal sealed class OneWay(IPeer from, IPeer to, Action<int> carried)
{
    /// <summary>Most lines of a game are shorter.</summary>
    private const int SmallBuffer = 4 * 1024;

    /// <summary>Once bytes have filled the small one.</summary>
    private const int LargeBuffer = 256 * 1024;

    private byte[]? _buffer;
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
                    _size = LargeBuffer;
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
        if (_buffer?.Length != _size)
        {
            LetGoOfBuffer();
            _buffer = ArrayPool<byte>.Shared.Rent(_size);
        }

        return _buffer!;
    }

    private void LetGoOfBuffer()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }
}
