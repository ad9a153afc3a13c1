namespace GameStack.LoadTester.Stack;

/// <summary>How long a client waits at each step; the values are those of the contract's clients.</summary>
internal sealed record CallLimits
{
    public static CallLimits Default { get; } = new();

    public TimeSpan Join { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For every other call; a long poll's waiting time is added.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The <c>wait</c> of a long poll.</summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The time between two status calls, and the shortest before a call is repeated.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>For leaving the queue with all repeats, which delays the end of the run.</summary>
    public TimeSpan Leave { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For opening a TCP connection, and again for the first line on it.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For connecting again after a loss, with all tries: as long as a game server keeps a player's seat by default.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a match may continue past its length before its silence counts as a failure.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);
}
