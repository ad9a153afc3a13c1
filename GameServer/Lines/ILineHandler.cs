namespace GameStack.GameServer.Lines;

/// <summary>Takes the lines that a <see cref="LineReader"/> reads.</summary>
internal interface ILineHandler
{
    /// <summary>Whether the next line is wanted; checked for every line, since a line may end the connection.</summary>
    bool WantsLines { get; }

    /// <summary>The longest line in bytes, including its end; checked for every line.</summary>
    int MaxLineBytes { get; }

    /// <summary>Handles one line without its end.</summary>
    void OnLine(ReadOnlySpan<byte> line);

    /// <summary>Handles a line longer than <see cref="MaxLineBytes"/>; must end the connection.</summary>
    void OnLineTooLong();
}
