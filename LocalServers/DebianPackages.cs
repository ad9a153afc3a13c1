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
        var apt = new Apt(Path.Combine(toolsFolder, "apt"), package, status);
        var name = await apt.FindAsync(cancellationToken);
        var unfinished = $"{root}.{Guid.NewGuid():N}";
        try
        {
            if (await apt.TryDownloadAsync(name, cancellationToken))
            {
                await apt.ExtractAsync(unfinished, cancellationToken);
            }

            if (Programs(unfinished, package) is null)
            {
                // Either apt's records are inconsistent, or the program is in a dependency that apt considers installed (redis-server is in
                // redis-tools).
                await apt.DownloadAllAsync(name, cancellationToken);
                await apt.ExtractAsync(unfinished, cancellationToken);
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
            apt.Clear();
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(toolsFolder);
        return (await FileLock.TakeAsync(Path.Combine(toolsFolder, ".lock"), patience: null, SayWaiting, cancellationToken))!;

        void SayWaiting() => log?.Invoke($"Another process is unpacking programs into {toolsFolder}; waiting");
    }
}
