using System.Runtime.Versioning;

namespace LocalServers;

/// <summary>
/// Unpacks a server from the distribution's own packages, with those of its dependencies that the machine lacks. Needs no root and
/// installs nothing: apt works on lists and a cache of its own in the tools folder, dpkg only extracts.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class DebianPackages(string toolsFolder, Action<string>? log)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    public async Task<ServerPrograms> UnpackAsync(ServerPackage package, CancellationToken cancellationToken)
    {
        if (Command.FindOnPath("apt-get") is null || Command.FindOnPath("dpkg") is null)
        {
            throw LocalServerUnavailableException.For(
                package.Server, $"{package.Programs[0]} is not on the PATH, and there is no apt to take it from.");
        }

        var root = Path.Combine(toolsFolder, package.Server.ToLowerInvariant());
        if (Programs(root, package) is { } before)
        {
            return before;
        }

        await using (await LockAsync(cancellationToken))
        {
            // Another process may have done it meanwhile.
            return Programs(root, package) ?? await FetchAsync(root, package, cancellationToken);
        }
    }

    private static ServerPrograms? Programs(string root, ServerPackage package)
    {
        if (ServerPrograms.Below(root, package) is not { } folder)
        {
            return null;
        }

        string[] libraries = ["usr/lib", "lib"];
        var folders = libraries.Select(name => Path.Combine(root, name))
            .Where(Directory.Exists)
            .SelectMany(name => Directory.EnumerateDirectories(name, "*-linux-gnu*").Append(name));
        return new ServerPrograms(folder, string.Join(':', folders));
    }

    private async Task<ServerPrograms> FetchAsync(string root, ServerPackage package, CancellationToken cancellationToken)
    {
        log?.Invoke($"{package.Programs[0]} is not on this machine: unpacking it from the distribution's packages into {root}");
        var apt = Path.Combine(toolsFolder, "apt");
        var archives = Path.Combine(apt, "cache", "archives");
        Directory.CreateDirectory(Path.Combine(apt, "lists", "partial"));
        if (Directory.Exists(archives))
        {
            Directory.Delete(archives, recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(archives, "partial"));

        // Nothing of the system is written, so its locks are not needed; the _apt user could not write into this folder.
        string[] own =
        [
            "-o", $"Dir::State::lists={apt}/lists", "-o", $"Dir::Cache={apt}/cache",
            "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3",
        ];
        await RunAsync(package, "apt-get", [.. own, "-qq", "update"], cancellationToken);
        var names = await RunAsync(package, "apt-cache", [.. own, "search", "--names-only", package.DebianName], cancellationToken);

        // "postgresql-15 - The World's Most Advanced Open Source Relational Database"
        var name = names.Split('\n')
            .Select(line => line.Split(' ')[0])
            .Where(line => line.Length > 0)
            .OrderBy(line => line.Length)
            .ThenBy(line => line, StringComparer.Ordinal)
            .LastOrDefault()
            ?? throw LocalServerUnavailableException.For(package.Server, $"apt knows no package {package.DebianName}.");
        string[] download = [.. own, "-qq", "--yes", "--reinstall", "--no-install-recommends", "--download-only", "install", name];
        var unfinished = $"{root}.{Guid.NewGuid():N}";
        if ((await Command.RunAsync("apt-get", download, cancellationToken)).ExitCode == 0)
        {
            await ExtractAsync(package, archives, unfinished, cancellationToken);
        }

        if (Programs(unfinished, package) is null)
        {
            // The package manager's records are in disorder, or a dependency that they call installed is what holds the program
            // (redis-server's is in redis-tools): as if nothing were installed, every dependency is fetched.
            var nothingInstalled = Path.Combine(apt, "no-packages");
            await File.WriteAllTextAsync(nothingInstalled, "", cancellationToken);
            await RunAsync(package, "apt-get", [.. download, "-o", $"Dir::State::status={nothingInstalled}"], cancellationToken);
            await ExtractAsync(package, archives, unfinished, cancellationToken);
        }

        if (Programs(unfinished, package) is null)
        {
            throw LocalServerUnavailableException.For(package.Server, $"the package {name} does not hold {string.Join(" and ", package.Programs)}.");
        }

        Directory.Delete(archives, recursive: true);
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        Directory.Move(unfinished, root);
        return Programs(root, package)!;
    }

    private static async Task ExtractAsync(ServerPackage package, string archives, string folder, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(archives, "*.deb"))
        {
            if (Path.GetFileName(file).StartsWith("libc6_", StringComparison.Ordinal))
            {
                // Goes with the machine's own loader, and is there.
                continue;
            }

            await RunAsync(package, "dpkg", ["--extract", file, folder], cancellationToken);
        }
    }

    private static async Task<string> RunAsync(
        ServerPackage package, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await Command.RunAsync(program, arguments, cancellationToken);
        return exitCode == 0
            ? output
            : throw LocalServerUnavailableException.For(
                package.Server, $"{package.Programs[0]} is not on the PATH, and {program} could not bring it (exit code {exitCode}): {output}");
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(toolsFolder);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(toolsFolder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // Held by another process (or task) that unpacks; there is nothing to wait on but the lock itself.
                await Task.Delay(LockRetry, cancellationToken);
            }
        }
    }
}
