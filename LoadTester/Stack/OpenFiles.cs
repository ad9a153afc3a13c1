using GameStack.ServiceDefaults.Listening;

namespace GameStack.LoadTester.Stack;

/// <summary>How many files and sockets a run has open at most.</summary>
internal static class OpenFiles
{
    /// <summary>A player has a connection to the match API and one to its game server; for a moment, both.</summary>
    private const int PerPlayer = 2;

    /// <summary>
    /// For the program itself: the runtime keeps each assembly open, and loads some late. It does not survive to find no descriptor left.
    /// </summary>
    private const int OfProgram = 250;

    /// <summary>The most sockets of players at a time.</summary>
    public static int MostSockets { get; } = SocketsOf(DescriptorLimit.Value);

    /// <summary>One line that warns that so many players may need more open files than this process may have; null if not.</summary>
    public static string? Warn(int players) => Warn(players, DescriptorLimit.Value);

    internal static string? Warn(int players, int limit) =>
        (players * PerPlayer) + OfProgram is var needed && needed > limit
            ? $"{players} players need up to {needed} open files, but this process may have only {limit}: "
                + $"players may fail with \"{NetworkFault.TooManyOpenFiles}\". Raise the limit (ulimit -n)."
            : null;

    internal static int SocketsOf(int limit) => Math.Max(limit / 4, limit - OfProgram);
}
