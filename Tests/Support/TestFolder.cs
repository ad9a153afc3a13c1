namespace GameStack.Tests.Support;

/// <summary>A folder under the temporary path; disposing it removes the folder and its contents.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        // Not CreateTempSubdirectory: only this user could enter that folder, and if this user is root, servers run as another user.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"gamestack-tests-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
