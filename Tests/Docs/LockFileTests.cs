using GameStack.Tests.Support;

namespace GameStack.Tests.Docs;

public sealed class LockFileTests
{
    [Fact]
    public void Every_project_has_a_lock_file()
    {
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(project => !Path.GetRelativePath(Repository.Root, project).StartsWith("artifacts", StringComparison.Ordinal));

        Assert.All(projects, project => Assert.True(
            File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")), $"{project} has no packages.lock.json."));
    }
}
