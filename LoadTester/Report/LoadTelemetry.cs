using System.Diagnostics;

namespace GameStack.LoadTester.Report;

/// <summary>The names under which the load tester's traces and metrics are found.</summary>
internal static class LoadTelemetry
{
    public const string Name = "GameStack.LoadTester";

    /// <summary>One trace per player: a span <c>player</c>, and below it one for each phase.</summary>
    public static ActivitySource Source { get; } = new(Name);
}
