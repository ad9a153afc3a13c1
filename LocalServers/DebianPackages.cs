using System.Runtime.Versioning;

namespace LocalServers;

/// <summary>
/// Unpacks a server from the distribution's own packages, together with the dependencies that the machine lacks. Needs no root rights and
/// installs nothing: apt uses its own lists and cache in the tools folder, and dpkg only extracts.
/// </summary>
/// <param name="toolsFolder">Where programs are unpacked, and where apt keeps its lists and cache.</param>
/// <param name="log">Receives a line of text for each step.</param>
/// <param name="status">dpkg's record of installed packages; null for the machine's own.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class DebianPackages(string toolsFolder, Action<string>? log, string? status = null)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    public async Task<ServerPrograms> UnpackAsync(ServerPackage package, CancellationToken cancellationToken)
    {
        if (Command.FindOnPath("apt-get") is null || Command.FindOnPath("dpkg") is null)
        {
            throw LocalServerUnavailableException.For(
                package.Server, $"{package.Programs[0]} is not on the PATH, and apt-get or dpkg, needed to unpack it, is missing.");
        }

        var root = Path.Combine(toolsFolder, package.Server.ToLowerInvariant());
        if (Programs(root, package) is { } before)
        {
            return before;
        }

        await using (await LockAsync(cancellationToken))
        {
            // Another process may have unpacked it in the meantime.
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
        log?.Invoke($"{package.Programs[0]} is not installed; unpacking it from the distribution's packages into {root}");
        var apt = Path.Combine(toolsFolder, "apt");
        var archives = Path.Combine(apt, "cache", "archives");
        Directory.CreateDirectory(Path.Combine(apt, "lists", "partial"));
        if (Directory.Exists(archives))
        {
            Directory.Delete(archives, recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(archives, "partial"));

        // apt writes no system files here, so it needs no system locks. It must not switch to the user _apt, which cannot write to this
        // folder.
        string[] own =
        [
            "-o", $"Dir::State::lists={apt}/lists", "-o", $"Dir::Cache={apt}/cache",
            "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3",
            .. status is null ? (string[])[] : ["-o", $"Dir::State::status={status}"],
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
            ?? throw LocalServerUnavailableException.For(package.Server, $"apt has no package that matches {package.DebianName}.");
        string[] download = [.. own, "-qq", "--yes", "--reinstall", "--no-install-recommends", "--download-only", "install", name];
        var unfinished = $"{root}.{Guid.NewGuid():N}";
        try
        {
            if ((await Command.RunAsync("apt-get", download, cancellationToken)).ExitCode == 0)
            {
                await ExtractAsync(package, archives, unfinished, cancellationToken);
            }

            if (Programs(unfinished, package) is null)
            {
                // Either apt's records are inconsistent, or the program is in a dependency that apt considers installed (redis-server is in
                // redis-tools). Tell apt that nothing is installed, so that it fetches every dependency.
                var nothingInstalled = Path.Combine(apt, "no-packages");
                await File.WriteAllTextAsync(nothingInstalled, "", cancellationToken);
                await RunAsync(package, "apt-get", [.. download, "-o", $"Dir::State::status={nothingInstalled}"], cancellationToken);
                await ExtractAsync(package, archives, unfinished, cancellationToken);
            }

            if (Programs(unfinished, package) is null)
            {
                throw LocalServerUnavailableException.For(
                    package.Server, $"the package {name} lacks {string.Join(" and ", package.Programs)}.");
            }

            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }

            Directory.Move(unfinished, root);
            return Programs(root, package)!;
        }
        finally
        {
            Directory.Delete(archives, recursive: true);
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private static async Task ExtractAsync(ServerPackage package, string archives, string folder, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(archives, "*.deb"))
        {
            if (Path.GetFileName(file).StartsWith("libc6_", StringComparison.Ordinal))
            {
                // libc6 must match the machine's own loader, and is always installed.
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
                package.Server, $"{package.Programs[0]} is not on the PATH, and {program} failed (exit code {exitCode}): {output}");
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(toolsFolder);
        var path = Path.Combine(toolsFolder, ".lock");
        var said = false;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!said)
                {
                    said = true;
                    log?.Invoke($"Another process is unpacking programs into {toolsFolder}; waiting");
                }

                // Nothing signals that the lock is free, so try again.
                await Task.Delay(LockRetry, cancellationToken);
            }
        }
    }
}
