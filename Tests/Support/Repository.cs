namespace GameStack.Tests.Support;

/// <summary>Where the sources are.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Where missing servers are unpacked; the AppHost uses the same folder.</summary>
    public static string ToolsFolder => Path.Combine(Root, "artifacts", "tools");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GameStack.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no GameStack.sln above {AppContext.BaseDirectory}.");
    }
}
