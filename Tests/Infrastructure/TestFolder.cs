namespace GameStack.Tests.Infrastructure;

/// <summary>A folder under the temporary path that is removed with what is in it.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        // Not CreateTempSubdirectory, which closes it to everybody else: as root, servers run as another user.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"gamestack-tests-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
