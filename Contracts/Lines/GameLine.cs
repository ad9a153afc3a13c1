namespace GameStack.Contracts.Lines;

/// <summary>How the game server, and the gateway in front of it, split a line of a client into words.</summary>
public static class GameLine
{
    private static ReadOnlySpan<byte> Blanks => " \t"u8;

    /// <summary>Returns the first word of a line without its end: <c>JOIN</c> of <c> JOIN  eyJhbGci… </c>.</summary>
    /// <param name="line">The line. Blanks around its words do not count.</param>
    /// <param name="rest">What follows that word, without the blanks around it; empty if nothing does.</param>
    public static ReadOnlySpan<byte> FirstWord(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> rest)
    {
        line = line.Trim(Blanks);
        var end = line.IndexOfAny(Blanks);
        rest = end < 0 ? default : line[end..].TrimStart(Blanks);
        return end < 0 ? line : line[..end];
    }
}
