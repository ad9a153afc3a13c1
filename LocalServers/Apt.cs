namespace LocalServers;

/// <summary>
/// Downloads a server's package with apt, which uses its own lists and cache in <paramref name="folder"/> and needs no root rights.
/// </summary>
/// <param name="folder">Holds apt's lists and cache.</param>
/// <param name="package">The server.</param>
/// <param name="status">dpkg's record of installed packages; null for the machine's own.</param>
internal sealed class Apt(string folder, ServerPackage package, string? status)
{
    /// <summary>Where the downloaded packages are.</summary>
    public string Archives { get; } = Path.Combine(folder, "cache", "archives");

    // apt writes no system files here, so it needs no system locks. It must not switch to the user _apt, which cannot write to this folder.
    private string[] Options =>
    [
        "-o", $"Dir::State::lists={folder}/lists", "-o", $"Dir::Cache={folder}/cache",
        "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3",
        .. status is null ? (string[])[] : ["-o", $"Dir::State::status={status}"],
    ];

    /// <summary>Fetches apt's lists, and returns the name of the server's package.</summary>
    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
        Clear();
        Directory.CreateDirectory(Path.Combine(Archives, "partial"));
        await RunAsync("apt-get", [.. Options, "-qq", "update"], cancellationToken);
        var names = await RunAsync("apt-cache", [.. Options, "search", "--names-only", package.DebianName], cancellationToken);

        // "postgresql-15 - The World's Most Advanced Open Source Relational Database"
        return names.Split('\n')
            .Select(line => line.Split(' ')[0])
            .Where(line => line.Length > 0)
            .OrderBy(line => line.Length)
            .ThenBy(line => line, StringComparer.Ordinal)
            .LastOrDefault()
            ?? throw LocalServerUnavailableException.For(package.Server, $"apt has no package that matches {package.DebianName}.");
    }

    /// <summary>Downloads a package and the dependencies that the machine lacks. False when apt's records are inconsistent.</summary>
    public async Task<bool> TryDownloadAsync(string name, CancellationToken cancellationToken) =>
        (await Command.RunAsync("apt-get", Download(name), cancellationToken)).ExitCode == 0;

    /// <summary>Downloads a package and every dependency, as if nothing were installed.</summary>
    public async Task DownloadAllAsync(string name, CancellationToken cancellationToken)
    {
        var nothingInstalled = Path.Combine(folder, "no-packages");
        await File.WriteAllTextAsync(nothingInstalled, "", cancellationToken);
        await RunAsync("apt-get", [.. Download(name), "-o", $"Dir::State::status={nothingInstalled}"], cancellationToken);
    }

    /// <summary>Extracts what was downloaded.</summary>
    public async Task ExtractAsync(string destination, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(Archives, "*.deb"))
        {
            if (Path.GetFileName(file).StartsWith("libc6_", StringComparison.Ordinal))
            {
                // libc6 must match the machine's own loader, and is always installed.
                continue;
            }

            await RunAsync("dpkg", ["--extract", file, destination], cancellationToken);
        }
    }

    /// <summary>Deletes what was downloaded.</summary>
    public void Clear()
    {
        if (Directory.Exists(Archives))
        {
            Directory.Delete(Archives, recursive: true);
        }
    }

    private string[] Download(string name) =>
        [.. Options, "-qq", "--yes", "--reinstall", "--no-install-recommends", "--download-only", "install", name];

    private async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await Command.RunAsync(program, arguments, cancellationToken);
        return exitCode == 0
            ? output
            : throw LocalServerUnavailableException.For(
                package.Server, $"{package.Programs[0]} is not on the PATH, and {program} failed (exit code {exitCode}): {output}");
    }
}
