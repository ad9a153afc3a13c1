using System.Runtime.Versioning;

namespace LocalServers;

/// <summary>A server's programs: installed on the machine, or unpacked from its distribution's packages.</summary>
/// <param name="Folder">Holds the programs.</param>
/// <param name="LibraryPath">Shared libraries that were unpacked with them; null for the machine's own programs.</param>
[UnsupportedOSPlatform("windows")]
internal sealed record ServerPrograms(string Folder, string? LibraryPath)
{
    public string this[string program] => Path.Combine(Folder, program);

    /// <summary>Looks on the PATH, then in the distributions' folders that are not on the PATH, and finally in Debian's packages.</summary>
    public static async Task<ServerPrograms> FindAsync(
        ServerPackage package, LocalServerOptions options, ServerUser? user, CancellationToken cancellationToken)
    {
        if (OfThisMachine(package) is { } folder)
        {
            return new ServerPrograms(folder, null);
        }

        var tools = await ServerFolder.ReachableAsync(options.ToolsFolder, user, options.Log, cancellationToken);
        return await new DebianPackages(tools, options.Log).UnpackAsync(package, cancellationToken);
    }

    /// <summary>The newest of the package's folders below <paramref name="root"/> that contains all programs of the package.</summary>
    public static string? Below(string root, ServerPackage package) =>
        package.Folders
            .SelectMany(pattern => Expand(root, pattern))
            .FirstOrDefault(package.IsIn);

    private static string? OfThisMachine(ServerPackage package)
    {
        if (Command.FindOnPath(package.Programs[0]) is not { } found)
        {
            return Below("/", package);
        }

        // /usr/local/bin/postgres may be a link into the folder that holds initdb and the other programs.
        var target = Path.GetDirectoryName(File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName);
        return new[] { Path.GetDirectoryName(found), target }.FirstOrDefault(folder => folder is not null && package.IsIn(folder))
            ?? Below("/", package);
    }

    // usr/lib/postgresql/*/bin
    private static IEnumerable<string> Expand(string root, string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return [Path.Combine(root, pattern)];
        }

        var parent = Path.Combine(root, pattern[..star]);
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => folder + pattern[(star + 1)..])
            : [];
    }
}
