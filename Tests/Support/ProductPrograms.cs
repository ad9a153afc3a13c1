namespace GameStack.Tests.Support;

/// <summary>
/// The product's programs: built along with the tests, or published to the folder that <c>GAMESTACK_TEST_PROGRAMS</c> names.
/// </summary>
public static class ProductPrograms
{
    private static readonly string? Published = Environment.GetEnvironmentVariable("GAMESTACK_TEST_PROGRAMS");

    /// <summary>Debug or Release, as the tests were built.</summary>
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The game server as the AppHost hands it to the backend: native where the machine can build that.</summary>
    public static string GameServer => Existing(Path.Combine(Repository.Root, "artifacts", "game-server", "GameServer"));

    /// <summary>Where a project's program is. Nobody publishes the AppHost.</summary>
    public static string FolderOf(string project) => Published is null || project == "AppHost"
        ? Path.Combine(Repository.Root, project, "bin", Configuration, "net10.0")
        : Path.Combine(Published, project);

    public static string PathOf(string project) => Existing(Path.Combine(FolderOf(project), project));

    private static string Existing(string program) =>
        File.Exists(program) ? program : throw new FileNotFoundException($"{Path.GetFileName(program)} is not built.", program);
}
