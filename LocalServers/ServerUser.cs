namespace LocalServers;

/// <summary>
/// The user that a server runs as if this process is root. Otherwise the server runs as the user of this process, and there is no
/// <see cref="ServerUser"/>.
/// </summary>
internal sealed record ServerUser(string Name, string Uid, string Gid)
{
    /// <summary>The prefix of a command line that runs it as this user.</summary>
    private IEnumerable<string> Prefix => ["setpriv", $"--reuid={Uid}", $"--regid={Gid}", "--clear-groups", "--"];

    /// <summary>The first of the server's users that exists on this machine; null if this process is not root.</summary>
    public static ServerUser? Choose(ServerPackage package)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        if (Command.FindOnPath("setpriv") is null)
        {
            throw LocalServerUnavailableException.For(
                package.Server,
                "this process is root, but setpriv (from util-linux), needed to run the server as another user, is missing.");
        }

        // postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length >= 4).ToList();
        var found = package.Users.Select(name => users.Find(fields => fields[0] == name)).FirstOrDefault(fields => fields is not null);
        return found is not null
            ? new ServerUser(found[0], found[2], found[3])
            : throw LocalServerUnavailableException.For(
                package.Server,
                $"this process is root, and this machine has none of these users to run it as: {string.Join(", ", package.Users)}.");
    }

    /// <summary>A command line that runs <paramref name="command"/> as <paramref name="user"/>, or unchanged if that is null.</summary>
    public static IReadOnlyList<string> CommandLine(ServerUser? user, IEnumerable<string> command) => [.. user?.Prefix ?? [], .. command];
}
