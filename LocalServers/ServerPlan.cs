namespace LocalServers;

/// <summary>A server that is ready to be started, by this process or by another program: its programs are found and its files made.</summary>
public sealed class ServerPlan
{
    /// <summary>Its name in messages.</summary>
    public required string Server { get; init; }

    public required LocalServerOptions Options { get; init; }

    /// <summary>Holds the lock file, <see cref="LockFile"/>.</summary>
    public required string Folder { get; init; }

    /// <summary>The signal, without SIG, that ends the server in good order.</summary>
    public required string StopSignal { get; init; }

    /// <summary>Part of the line that the server writes once it serves.</summary>
    public required string ReadyText { get; init; }

    /// <summary>More folders with shared libraries, separated by colons.</summary>
    public required string? LibraryPath { get; init; }

    /// <summary>The user it runs as; null for this process's own.</summary>
    internal ServerUser? User { get; init; }

    /// <summary>The command line for a port; writes what the server reads at its start.</summary>
    public required Func<int, CancellationToken, Task<IReadOnlyList<string>>> CommandAsync { get; init; }

    /// <summary>Talks to the server on its port; throws when it does not answer, or is not the one that was started.</summary>
    public required Func<int, CancellationToken, Task> ProbeAsync { get; init; }

    /// <summary>Runs a server: its arguments are <see cref="CommandAsync"/>, its environment <see cref="Environment"/>.</summary>
    public static string Script { get; } = Path.Combine(AppContext.BaseDirectory, "run-server.sh");

    /// <summary>For a program that starts <see cref="Script"/> itself: SIGTERM, SIGINT or SIGHUP then end the server in good order.</summary>
    public IReadOnlyDictionary<string, string> Environment => EnvironmentFor("on-signal");

    internal static string LockFile(string folder) => Path.Combine(folder, "lock");

    internal static LocalServerUnavailableException InUse(string server, string folder) =>
        new($"{server} could not be started: another one uses the data folder {folder}.");

    internal Dictionary<string, string> EnvironmentFor(string ends)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SERVER_LOCK"] = LockFile(Folder),
            ["SERVER_LOCK_SECONDS"] = $"{Options.LockPatience.TotalSeconds:0}",
            ["SERVER_SIGNAL"] = StopSignal,
            ["SERVER_ENDS"] = ends,
            ["SERVER_USER"] = User is null ? "" : $"{User.Uid}:{User.Gid}",
        };
        if (LibraryPath is { Length: > 0 } path)
        {
            variables["LD_LIBRARY_PATH"] = path;
        }

        return variables;
    }
}
