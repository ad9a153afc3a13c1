using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>
/// The board at one moment. Players change state while it is taken, so its numbers may be off by the players in transition.
/// </summary>
internal sealed record LoadSnapshot
{
    public required TimeSpan Elapsed { get; init; }

    public required int Clients { get; init; }

    public required int Started { get; init; }

    /// <summary>The number of players in each <see cref="PlayerState"/>.</summary>
    public required IReadOnlyList<int> States { get; init; }

    /// <summary>The number of players whose join was answered.</summary>
    public required int Joined { get; init; }

    /// <summary>From the start of the run to the last answer to a join.</summary>
    public required TimeSpan JoinSpan { get; init; }

    public required int Matched { get; init; }

    public required int Played { get; init; }

    public required int Failed { get; init; }

    public required IReadOnlyList<ReasonCount> Failures { get; init; }

    public required IReadOnlyList<ReasonCount> Retries { get; init; }

    /// <summary>The durations of each <see cref="Measure"/>.</summary>
    public required IReadOnlyList<Percentiles> Durations { get; init; }

    public double JoinsPerSecond => JoinSpan > TimeSpan.Zero ? Joined / JoinSpan.TotalSeconds : 0;

    public int RetryCount => Retries.Sum(retry => retry.Count);

    public int In(PlayerState state) => States[(int)state];

    public Percentiles Of(Measure measure) => Durations[(int)measure];
}
