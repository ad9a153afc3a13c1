namespace LocalServers;

/// <summary>The programs of a server, and where to find them.</summary>
/// <param name="Server">Its name in messages.</param>
/// <param name="Programs">Its programs, the server itself first.</param>
/// <param name="Folders">Where distributions put them, relative to the root; <c>*</c> stands for a version.</param>
/// <param name="DebianName">A regular expression for the Debian package's name; if several match, the highest version is used.</param>
/// <param name="Users">The users to run it as if this process is root; the first that exists is used.</param>
internal sealed record ServerPackage(
    string Server, IReadOnlyList<string> Programs, IReadOnlyList<string> Folders, string DebianName, IReadOnlyList<string> Users)
{
    public static ServerPackage Redis { get; } = new("Redis", ["redis-server"], ["usr/bin"], "^redis-server$", ["redis", "nobody"]);

    public static ServerPackage Postgres { get; } =
        new("Postgres", ["postgres", "initdb"], ["usr/lib/postgresql/*/bin"], "^postgresql-[0-9]+$", ["postgres", "nobody"]);

    public bool IsIn(string folder) => Programs.All(program => Command.Exists(Path.Combine(folder, program)));
}
