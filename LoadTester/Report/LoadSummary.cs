using GameStack.LoadTester.Players;
using GameStack.LoadTester.Run;

namespace GameStack.LoadTester.Report;

/// <summary>The result of a run, and the shape of its JSON. Durations are in seconds.</summary>
internal sealed record LoadSummary
{
    /// <summary>The run's id, which is part of every player id of the run: <c>lt-1a2b3c4d</c>.</summary>
    public required string Run { get; init; }

    public required string TargetUrl { get; init; }

    /// <summary>How the players followed their status: <c>poll</c>, <c>wait</c> or <c>events</c>.</summary>
    public required string Follow { get; init; }

    /// <summary>How the players reached their game servers: <c>direct</c>, <c>gateway</c> or <c>websocket</c>.</summary>
    public required string Through { get; init; }

    public required double MatchDuration { get; init; }

    public required int Clients { get; init; }

    /// <summary>Less than <see cref="Clients"/> when the run was interrupted.</summary>
    public required int Started { get; init; }

    public required int Matched { get; init; }

    public required int Played { get; init; }

    public required int Failed { get; init; }

    /// <summary>Players who were stopped because the run was interrupted.</summary>
    public required int Stopped { get; init; }

    public required bool Interrupted { get; init; }

    public required double Elapsed { get; init; }

    public required double JoinsPerSecond { get; init; }

    public required IReadOnlyList<ReasonCount> Failures { get; init; }

    /// <summary>Calls that were repeated; a repeated call does not make its player fail.</summary>
    public required IReadOnlyList<ReasonCount> Retries { get; init; }

    public required SessionFigures Sessions { get; init; }

    /// <summary>
    /// The durations of each measure: <c>join</c>, <c>match</c>, <c>connect</c>, <c>play</c>, <c>end</c>, <c>join_to_connected</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, Percentiles> Durations { get; init; }

    internal static LoadSummary Of(string run, LoadSettings settings, LoadSnapshot board, SessionFigures sessions, bool interrupted) =>
        new()
        {
            Run = run,
            TargetUrl = settings.TargetUrl.AbsoluteUri.TrimEnd('/'),
            Follow = settings.Follow.ToString().ToLowerInvariant(),
            Through = settings.Through.ToString().ToLowerInvariant(),
            MatchDuration = settings.MatchDuration,
            Clients = settings.Clients,
            Started = board.Started,
            Matched = board.Matched,
            Played = board.Played,
            Failed = board.Failed,
            Stopped = board.In(PlayerState.Stopped),
            Interrupted = interrupted,
            Elapsed = board.Elapsed.TotalSeconds,
            JoinsPerSecond = board.JoinsPerSecond,
            Failures = board.Failures,
            Retries = board.Retries,
            Sessions = sessions,
            Durations = Enum.GetValues<Measure>().ToDictionary(measure => measure.Name(), board.Of),
        };
}
