using System.Text;

namespace GameStack.Backend.GameServers;

/// <summary>Reads lines of at most <paramref name="maxBytes"/> from a stream; only the beginning of a longer line is kept.</summary>
internal sealed class LineReader(Stream stream, int maxBytes)
{
    private readonly byte[] _buffer = new byte[maxBytes];
    private int _length;
    private bool _inTail;

    /// <summary>The next line without its end, or null when the stream has ended.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _length).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Take(end, end + 1);
                if (line is not null)
                {
                    return line;
                }

                continue;
            }

            if (_length == _buffer.Length && Take(_length, _length) is { } beginning)
            {
                _inTail = true;
                return beginning;
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return _length == 0 ? null : Take(_length, _length);
            }

            _length += read;
        }
    }

    /// <summary>Takes bytes out of the buffer; null when they are the tail of a line whose beginning was returned.</summary>
    private string? Take(int lineLength, int taken)
    {
        var line = _inTail ? null : Encoding.UTF8.GetString(_buffer, 0, lineLength).TrimEnd('\r');
        _inTail = _inTail && taken == lineLength;
        _buffer.AsSpan(taken, _length - taken).CopyTo(_buffer);
        _length -= taken;
        return line;
    }
}
