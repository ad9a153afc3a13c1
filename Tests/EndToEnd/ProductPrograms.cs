using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.EndToEnd;

/// <summary>The product's programs, built along with the tests.</summary>
public static class ProductPrograms
{
    /// <summary>Debug or Release, as the tests were built.</summary>
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string FolderOf(string project) => Path.Combine(Repository.Root, project, "bin", Configuration, "net10.0");

    public static string PathOf(string project)
    {
        var program = Path.Combine(FolderOf(project), project);
        return File.Exists(program) ? program : throw new FileNotFoundException($"{project} is not built.", program);
    }
}
