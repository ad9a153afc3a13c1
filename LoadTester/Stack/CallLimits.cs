namespace GameStack.LoadTester.Stack;

/// <summary>How long a client waits for what, as contract.md's clients do.</summary>
internal sealed record CallLimits
{
    public static CallLimits Default { get; } = new();

    public TimeSpan Join { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Every other call; a long poll's own waiting comes on top.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The <c>wait</c> of a long poll.</summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two status calls.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>For a TCP connection, and again for the first line on it.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long past its length a match may go on before its silence counts as a failure.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);
}
