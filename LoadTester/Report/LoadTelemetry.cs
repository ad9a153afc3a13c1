using System.Diagnostics;

namespace GameStack.LoadTester.Report;

/// <summary>The names of the load tester's traces and metrics.</summary>
internal static class LoadTelemetry
{
    public const string Name = "GameStack.LoadTester";

    /// <summary>One trace per player: a span <c>player</c> with a child span for each phase.</summary>
    public static ActivitySource Source { get; } = new(Name);
}
