using System.Globalization;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>
/// What generated input comes from. <c>GAMESTACK_SEED</c> repeats a run; <c>GAMESTACK_FUZZ_LINES</c> and <c>GAMESTACK_FUZZ_HTTP</c> make it
/// shorter or longer.
/// </summary>
internal static class FuzzRun
{
    /// <summary>For a whole run, which ends far sooner on any machine that gets anywhere.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static int Seed { get; } = Read("GAMESTACK_SEED", Random.Shared.Next());

    public static int Lines { get; } = Read("GAMESTACK_FUZZ_LINES", 1_000_000);

    public static int HttpCalls { get; } = Read("GAMESTACK_FUZZ_HTTP", 100_000);

    public static string Name => $"GAMESTACK_SEED={Seed}";

    /// <summary>A generator for each of a run's connections: what one sends depends on nothing that happens on another.</summary>
    public static Random RandomOf(int connection) => new(unchecked((Seed * 397) ^ connection));

    public static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine($"{Name}: {line}");

    private static int Read(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
