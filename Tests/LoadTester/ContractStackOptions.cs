namespace GameStack.Tests.LoadTester;

/// <summary>How the stand-in stack matches, and what it does wrong.</summary>
internal sealed record ContractStackOptions
{
    public int SessionSize { get; init; } = 2;

    public GameBehaviour Game { get; init; }

    /// <summary>What is asked first of a player's joins, in their order; later joins are answered as they should be.</summary>
    public (int Status, int? RetryAfter)[] JoinRefusals { get; init; } = [];

    /// <summary>What a player's first status calls are refused with.</summary>
    public int[] StatusRefusals { get; init; } = [];

    /// <summary>
    /// How the first calls of each kind are refused, whichever player makes them. The key is the end of a call's path: <c>join</c>,
    /// <c>status</c>, <c>events</c>, <c>end</c> or <c>leave</c>.
    /// </summary>
    public Dictionary<string, Refusal[]> Refusals { get; init; } = [];

    public bool NeverMatch { get; init; }

    /// <summary>What ending a match is refused with; null for the proper answer.</summary>
    public int? EndRefusal { get; init; }

    /// <summary>Whether every player of a match is told another host.</summary>
    public bool ManyAddresses { get; init; }

    /// <summary>Whether <c>wait</c> is taken for an unknown parameter, as a server does that is older than it.</summary>
    public bool IgnoreWait { get; init; }

    /// <summary>How many event streams of a player end before there is anything to tell.</summary>
    public int BrokenStreams { get; init; }

    public string ConnectHost { get; init; } = "127.0.0.1";

    /// <summary>Whether players who are matched are told a ticket, another one in each answer.</summary>
    public bool Tickets { get; init; }

    /// <summary>Makes a ticket for the game server at an address; null for tickets that mean nothing, or none.</summary>
    public Func<string, string>? TicketFor { get; init; }

    /// <summary>No match stops before this is done.</summary>
    public Task MayStop { get; init; } = Task.CompletedTask;
}
