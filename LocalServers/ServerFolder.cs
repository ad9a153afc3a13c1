using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace LocalServers;

/// <summary>Folders that a server can access, even if it runs as a different user from this process.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ServerFolder
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode AllMayRead = OnlyOwner
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>
    /// Returns <paramref name="folder"/>, created if necessary. If <paramref name="user"/> cannot enter it (such as a checkout below
    /// /root), returns a folder under the temporary path with a name derived from it.
    /// </summary>
    public static async Task<string> ReachableAsync(
        string folder, ServerUser? user, Action<string>? log, CancellationToken cancellationToken)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        if (await CanEnterAsync(folder, user, cancellationToken))
        {
            return folder;
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12];
        var instead = Path.Combine(Path.GetTempPath(), "gamestack-" + name);
        Directory.CreateDirectory(instead, AllMayRead);

        // Any user can create folders there: a folder that is not ours could hold another user's programs.
        var (_, owner) = await Command.RunAsync("stat", ["-c", "%u %F", instead], cancellationToken);
        if (owner != "0 directory" || !await CanEnterAsync(instead, user, cancellationToken))
        {
            throw new LocalServerUnavailableException(
                $"This process is root, so servers run as the user {user!.Name}, which can enter neither {folder} nor {instead}.");
        }

        log?.Invoke($"The user {user!.Name} cannot enter {folder}; using {instead} instead.");
        return instead;
    }

    /// <summary>Creates a folder that belongs to <paramref name="user"/> and that no other user can enter.</summary>
    public static async Task MakePrivateAsync(string folder, ServerUser? user, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder, OnlyOwner);
            File.SetUnixFileMode(folder, OnlyOwner);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new LocalServerUnavailableException(
                $"{folder} belongs to another user, perhaps from a run as root: remove it or use another data folder.", e);
        }

        await GiveAsync(folder, user, cancellationToken);
    }

    /// <summary>Makes <paramref name="user"/> the owner of a file, or of a folder and its contents.</summary>
    public static async Task GiveAsync(string path, ServerUser? user, CancellationToken cancellationToken)
    {
        if (user is null)
        {
            return;
        }

        var (exitCode, output) = await Command.RunAsync("chown", ["-R", "-P", $"{user.Uid}:{user.Gid}", "--", path], cancellationToken);
        if (exitCode != 0)
        {
            throw new LocalServerUnavailableException($"Could not make the user {user.Name} the owner of {path}: {output}");
        }
    }

    /// <summary>Writes a file that only its owner can read, from the moment it exists.</summary>
    public static async Task WritePrivateFileAsync(string path, string text, CancellationToken cancellationToken)
    {
        File.Delete(path);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
    }

    private static async Task<bool> CanEnterAsync(string folder, ServerUser? user, CancellationToken cancellationToken)
    {
        if (user is null)
        {
            return true;
        }

        var command = ServerUser.CommandLine(user, ["test", "-x", folder, "-a", "-r", folder]);
        return (await Command.RunAsync(command[0], command.Skip(1), cancellationToken)).ExitCode == 0;
    }
}
