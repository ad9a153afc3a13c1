using System.Runtime.InteropServices;

namespace GameStack.GameServer.Lines;

/// <summary>The beginning of a line whose end has not arrived; holds nothing between lines.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct PartialLine
{
    /// <summary>Ten thousand connections may each hold a line of 4 KiB.</summary>
    private const int MostSpareBytes = 256;

    private byte[]? _bytes;

    public int Length { get; private set; }

    public readonly void CopyTo(Span<byte> buffer) => _bytes.AsSpan(0, Length).CopyTo(buffer);

    public void Keep(ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty)
        {
            Clear();
            return;
        }

        if (_bytes is null || _bytes.Length < part.Length)
        {
            _bytes = new byte[Math.Max(32, part.Length + Math.Min(part.Length / 2, MostSpareBytes))];
        }

        part.CopyTo(_bytes);
        Length = part.Length;
    }

    public void Clear()
    {
        _bytes = null;
        Length = 0;
    }
}
