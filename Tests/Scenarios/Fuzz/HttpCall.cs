namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>A request as bytes, and what its answer has to be.</summary>
/// <param name="Bytes">All of the request.</param>
/// <param name="Expected">What is wrong with an answer that is none of the generally wrong ones; null when nothing is.</param>
internal sealed record HttpCall(byte[] Bytes, Func<HttpAnswer, string?> Expected)
{
    public bool HasBody { get; init; } = true;

    /// <summary>The rest of what was announced never comes: whether there is an answer is the server's choice.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The player this may have put into the queue.</summary>
    public string? Player { get; init; }

    /// <summary>A player in a request that is inside of another request's body, and so must never be seen.</summary>
    public string? Hidden { get; init; }

    public static readonly Func<HttpAnswer, string?> Anything = _ => null;

    public static Func<HttpAnswer, string?> Code(params int[] codes) =>
        answer => codes.Contains(answer.Code) ? null : $"{string.Join(" or ", codes)} expected";

    public static Func<HttpAnswer, string?> Ok(string field, string value) =>
        answer => answer.Code == 200 && answer.Field(field) == value ? null : $"200 with {field}={value} expected";
}
