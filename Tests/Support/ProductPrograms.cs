namespace GameStack.Tests.Support;

/// <summary>The product's programs, built along with the tests.</summary>
public static class ProductPrograms
{
    /// <summary>Debug or Release, as the tests were built.</summary>
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The game server as the AppHost hands it to the backend: native where the machine can build that.</summary>
    public static string GameServer => Existing(Path.Combine(Repository.Root, "artifacts", "game-server", "GameServer"));

    public static string FolderOf(string project) => Path.Combine(Repository.Root, project, "bin", Configuration, "net10.0");

    public static string PathOf(string project) => Existing(Path.Combine(FolderOf(project), project));

    private static string Existing(string program) =>
        File.Exists(program) ? program : throw new FileNotFoundException($"{Path.GetFileName(program)} is not built.", program);
}
