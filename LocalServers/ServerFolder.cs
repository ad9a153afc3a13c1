using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace LocalServers;

/// <summary>Folders that a server can reach, also when it runs as another user than this process.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ServerFolder
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode AllMayRead = OnlyOwner
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>
    /// <paramref name="folder"/>, made if need be; or, when <paramref name="user"/> cannot enter it (a checkout below /root),
    /// a folder under the temporary path that follows from its name.
    /// </summary>
    public static async Task<string> ReachableAsync(string folder, ServerUser? user, Action<string>? log, CancellationToken cancellationToken)
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

        // Anybody may make folders there: one that is not ours could hold somebody else's programs.
        var (_, owner) = await Command.RunAsync("stat", ["-c", "%u %F", instead], cancellationToken);
        if (owner != "0 directory" || !await CanEnterAsync(instead, user, cancellationToken))
        {
            throw new LocalServerUnavailableException(
                $"The user {user!.Name}, whom servers run as when this process is root, can enter neither {folder} nor {instead}.");
        }

        log?.Invoke($"{folder} is closed to the user {user!.Name}; {instead} is used in its place.");
        return instead;
    }

    /// <summary>Makes a folder that belongs to <paramref name="user"/> and is closed to everybody else.</summary>
    public static async Task MakePrivateAsync(string folder, ServerUser? user, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder, OnlyOwner);
            File.SetUnixFileMode(folder, OnlyOwner);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new LocalServerUnavailableException($"{folder} belongs to somebody else, perhaps from a run as root: remove it or use another data folder.", e);
        }

        await GiveAsync(folder, user, cancellationToken);
    }

    /// <summary>Gives a file or folder, and what is in it, to <paramref name="user"/>.</summary>
    public static async Task GiveAsync(string path, ServerUser? user, CancellationToken cancellationToken)
    {
        if (user is null)
        {
            return;
        }

        var (exitCode, output) = await Command.RunAsync("chown", ["-R", "-P", $"{user.Uid}:{user.Gid}", "--", path], cancellationToken);
        if (exitCode != 0)
        {
            throw new LocalServerUnavailableException($"{path} cannot be given to the user {user.Name}: {output}");
        }
    }

    /// <summary>Writes a file that only its owner can read from its first byte on.</summary>
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
