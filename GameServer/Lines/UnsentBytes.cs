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

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer is null || _end + bytes.Length > _buffer.Length)
        {
            MakeRoom(Length + bytes.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    public void Sent(int count) => _start += count;

    public void Clear()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (null, 0, 0);
    }

    /// <summary>Moves the bytes to the front or, if the buffer is too small, to the next larger one of the pool.</summary>
    private void MakeRoom(int capacity)
    {
        var length = Length;
        if (_buffer is not null && capacity <= _buffer.Length)
        {
            Span.CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(LeastBytes, capacity));
            Span.CopyTo(larger);
            Clear();
            _buffer = larger;
        }

        (_start, _end) = (0, length);
    }
}
