namespace GameStack.Tests.Backend.GameServers;

/// <summary>The game server program, and programs that are none.</summary>
internal static class GameServerPrograms
{
    /// <summary>The real one, as its project builds it.</summary>
    public static string GameServer { get; } = Path.Combine(SolutionFolder(), "artifacts", "game-server", "GameServer");

    /// <summary>Says something on standard error and exits with 3.</summary>
    public static string Crashes { get; } = Script("crashes");

    /// <summary>Waits for its input to end, and never says that it is ready.</summary>
    public static string NeverReady => "/bin/cat";

    /// <summary>Says that it is ready, on ports where nobody listens.</summary>
    public static string NeverListens { get; } = Script("never-listens");

    /// <summary>Says that it is ready, and does not care that its input ends.</summary>
    public static string NeverStops { get; } = Script("never-stops");

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "GameServerPrograms", name);

    private static string SolutionFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "GameStack.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests are not below GameStack.sln.");
        }

        return folder;
    }
}
