using System.Buffers;
using System.Runtime.InteropServices;

namespace GameStack.GameServer.Lines;

/// <summary>What is written and not yet sent, in a buffer that is there only as long as there is something.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct UnsentBytes
{
    private const int LeastBytes = 512;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    public readonly int Length => _end - _start;

    public readonly ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, Length);

    /// <summary>The first bytes, at most <paramref name="max"/>, to be read by a send under way.</summary>
    public readonly Memory<byte> First(int max) => _buffer.AsMemory(_start, Math.Min(max, Length));

    /// <param name="bytes">What is appended.</param>
    /// <param name="isBeingSent">A send under way reads from the buffer, which then must not be given to anybody else.</param>
    public void Append(ReadOnlySpan<byte> bytes, bool isBeingSent)
    {
        if (_buffer is null || _end + bytes.Length > _buffer.Length)
        {
            var length = Length;
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(LeastBytes, 2 * (length + bytes.Length)));
            Span.CopyTo(larger);
            Clear(isBeingSent);
            (_buffer, _end) = (larger, length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    public void Sent(int count) => _start += count;

    public void Clear(bool isBeingSent)
    {
        if (_buffer is not null && !isBeingSent)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (null, 0, 0);
    }
}
