namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>What must come back for a line.</summary>
/// <param name="Text">All of it, ends of lines included.</param>
/// <param name="Closes">Whether the server then closes the connection.</param>
internal sealed record LineAnswer(byte[] Text, bool Closes = false)
{
    /// <summary>The line would move the server on for every connection: a run leaves it out.</summary>
    public static readonly LineAnswer LeftOut = new([]);
}
