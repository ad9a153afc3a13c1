using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace GameStack.GameServer.Lines;

/// <summary>
/// Reads lines from a socket, each ending with <c>\n</c> or <c>\r\n</c>. It holds no buffer between reads, only the beginning of an
/// unfinished line.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct LineReader
{
    /// <summary>Small, because answers are up to eight times as long as the commands that ask for them.</summary>
    public const int ReadBytes = 4096;

    private PartialLine _partialLine;

    /// <summary>
    /// Reads once, at most <see cref="ReadBytes"/>, and hands over every complete line. Returns false when the peer has closed or reset
    /// the connection.
    /// </summary>
    public bool Read(Socket socket, ILineHandler handler)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_partialLine.Length + ReadBytes);
        _partialLine.CopyTo(buffer);
        var count = socket.Receive(buffer.AsSpan(_partialLine.Length, ReadBytes), SocketFlags.None, out var error);
        var hasInput = error == SocketError.Success && count > 0;
        if (hasInput)
        {
            TakeLines(buffer.AsSpan(0, _partialLine.Length + count), handler);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return hasInput || error == SocketError.WouldBlock;
    }

    /// <summary>Forgets the unfinished line.</summary>
    public void Clear() => _partialLine.Clear();

    private void TakeLines(ReadOnlySpan<byte> input, ILineHandler handler)
    {
        while (handler.WantsLines)
        {
            var end = input.IndexOf((byte)'\n');
            if ((end < 0 ? input.Length : end) >= handler.MaxLineBytes)
            {
                handler.OnLineTooLong();
                return;
            }

            if (end < 0)
            {
                _partialLine.Keep(input);
                return;
            }

            var line = input[..end];
            handler.OnLine(line is [.., (byte)'\r'] ? line[..^1] : line);
            input = input[(end + 1)..];
        }
    }
}
