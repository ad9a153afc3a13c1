using GameStack.LoadTester.Players;
using GameStack.LoadTester.Run;

namespace GameStack.LoadTester.Report;

/// <summary>What came of a run; also the shape of its JSON. Durations are in seconds.</summary>
public sealed record LoadSummary
{
    /// <summary>In every player id of the run: <c>lt-1a2b3c4d</c>.</summary>
    public required string Run { get; init; }

    public required string TargetUrl { get; init; }

    /// <summary>How the players followed their status: <c>poll</c>, <c>wait</c> or <c>events</c>.</summary>
    public required string Follow { get; init; }

    public required double MatchDuration { get; init; }

    public required int Clients { get; init; }

    /// <summary>Less than <see cref="Clients"/> when the run was interrupted.</summary>
    public required int Started { get; init; }

    public required int Matched { get; init; }

    public required int Played { get; init; }

    public required int Failed { get; init; }

    /// <summary>Players that the interruption of the run cut short.</summary>
    public required int Stopped { get; init; }

    public required bool Interrupted { get; init; }

    public required double Elapsed { get; init; }

    public required double JoinsPerSecond { get; init; }

    public required IReadOnlyList<ReasonCount> Failures { get; init; }

    /// <summary>Calls that were made again; their players did not fail by it.</summary>
    public required IReadOnlyList<ReasonCount> Retries { get; init; }

    public required SessionFigures Sessions { get; init; }

    /// <summary>By measure: <c>join</c>, <c>match</c>, <c>connect</c>, <c>play</c>, <c>end</c>, <c>join_to_connected</c>.</summary>
    public required IReadOnlyDictionary<string, Percentiles> Durations { get; init; }

    internal static LoadSummary Of(string run, LoadSettings settings, LoadSnapshot board, SessionFigures sessions, bool interrupted) =>
        new()
        {
            Run = run,
            TargetUrl = settings.TargetUrl.AbsoluteUri.TrimEnd('/'),
            Follow = settings.Follow.ToString().ToLowerInvariant(),
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
