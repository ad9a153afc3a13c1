using System.Buffers;
using System.Runtime.InteropServices;

namespace GameStack.GameServer.Lines;

/// <summary>Bytes that are written but not yet sent, in a buffer that exists only while there are any.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct UnsentBytes
{
    private const int LeastBytes = 512;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    public readonly int Length => _end - _start;

    public readonly ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, Length);

    /// <summary>The first bytes, at most <paramref name="max"/>, for a pending send to read.</summary>
    public readonly Memory<byte> First(int max) => _buffer.AsMemory(_start, Math.Min(max, Length));

    /// <param name="bytes">The bytes to append.</param>
    /// <param name="isBeingSent">Whether a pending send reads from the buffer, which then must not be given to anyone else.</param>
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
