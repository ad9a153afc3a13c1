using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>This machine's PATH without the commands of container engines.</summary>
internal sealed class SearchPath : IDisposable
{
    private readonly TestFolder _folder = new();

    public SearchPath()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(Directory.Exists);
        foreach (var file in folders.SelectMany(Directory.EnumerateFiles))
        {
            var link = Path.Combine(_folder.Path, Path.GetFileName(file));
            if (Path.GetFileName(file) is not ("docker" or "podman") && !File.Exists(link))
            {
                File.CreateSymbolicLink(link, file);
            }
        }
    }

    public string Value => _folder.Path;

    public void Dispose() => _folder.Dispose();
}
