namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>What one connection of a line server has to answer, worked out from the protocol's text and not from the server.</summary>
internal interface ILineModel
{
    /// <param name="line">A line without its <c>\n</c>.</param>
    LineAnswer AnswerTo(ReadOnlySpan<byte> line);
}
