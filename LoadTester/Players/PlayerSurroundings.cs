using GameStack.LoadTester.Report;
using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using Microsoft.Extensions.Logging;

namespace GameStack.LoadTester.Players;

/// <summary>What all players of a run share.</summary>
internal sealed record PlayerSurroundings
{
    public required LoadSettings Settings { get; init; }

    public required CallLimits Limits { get; init; }

    public required MatchApiClient Api { get; init; }

    public required CallRetries Retries { get; init; }

    public required IMatchFollower Follower { get; init; }

    public required SessionLedger Sessions { get; init; }

    public required LoadBoard Board { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The players' logger; it writes to telemetry only, never to the terminal.</summary>
    public required ILogger Logger { get; init; }
}
