namespace GameStack.Proxy.Gateway.WebSockets;

/// <summary>
/// Knows whether a stream of UTF-8 is between two characters: a text message must not end inside of one, or browsers close the connection.
/// </summary>
internal sealed class Utf8Boundary
{
    private int _missing;

    /// <summary>Whether the bytes so far end in the middle of a character.</summary>
    public bool IsInside => _missing > 0;

    /// <summary>Whether the stream is between two characters after these bytes.</summary>
    public bool IsAfter(ReadOnlySpan<byte> bytes)
    {
        for (var following = 0; following < bytes.Length; following++)
        {
            var length = LengthOf(bytes[^(following + 1)]);
            if (length > 0)
            {
                _missing = Math.Max(0, length - 1 - following);
                return _missing == 0;
            }
        }

        // Nothing but the rest of a character that began earlier.
        _missing = Math.Max(0, _missing - bytes.Length);
        return _missing == 0;
    }

    /// <summary>The length of the character that this byte begins, in bytes; 0 for a byte that continues one.</summary>
    private static int LengthOf(byte lead) => lead switch
    {
        < 0x80 => 1,
        < 0xC0 => 0,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };
}
