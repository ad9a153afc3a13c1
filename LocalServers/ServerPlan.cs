using System.Data.Common;
using System.Net.Sockets;

namespace LocalServers;

/// <summary>
/// A server that is ready to start, from this process or from another program: its programs are found and its files are created.
/// </summary>
public sealed class ServerPlan
{
    /// <summary>Its name in messages.</summary>
    public required string Server { get; init; }

    public required LocalServerOptions Options { get; init; }

    /// <summary>Holds the lock file, <see cref="LockFile"/>.</summary>
    public required string Folder { get; init; }

    /// <summary>The signal, without SIG, that shuts the server down cleanly.</summary>
    public required string StopSignal { get; init; }

    /// <summary>Part of the line that the server writes when it is ready.</summary>
    public required string ReadyText { get; init; }

    /// <summary>More folders with shared libraries, separated by colons.</summary>
    public required string? LibraryPath { get; init; }

    /// <summary>The user that the server runs as; null for the user of this process.</summary>
    internal ServerUser? User { get; init; }

    /// <summary>Returns the command line for a port, and writes the files that the server reads at its start.</summary>
    public required Func<int, CancellationToken, Task<IReadOnlyList<string>>> CommandAsync { get; init; }

    /// <summary>Connects to the server on its port; throws if the server does not answer, or is not the one that was started.</summary>
    public required Func<int, CancellationToken, Task> ProbeAsync { get; init; }

    /// <summary>
    /// The script that runs a server, with <see cref="CommandAsync"/> as its arguments and <see cref="Environment"/> as its environment.
    /// </summary>
    public static string Script { get; } = Path.Combine(AppContext.BaseDirectory, "run-server.sh");

    /// <summary>
    /// For a program that starts <see cref="Script"/> itself: SIGTERM, SIGINT or SIGHUP then shuts the server down cleanly.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment => EnvironmentFor("on-signal");

    /// <summary>Why the server cannot be used on its port; null if it can.</summary>
    public async Task<string?> FindFaultAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            await ProbeAsync(port, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or DbException or LocalServerUnavailableException)
        {
            return e.Message;
        }
    }

    internal static string LockFile(string folder) => Path.Combine(folder, "lock");

    internal static LocalServerUnavailableException InUse(string server, string folder) =>
        new($"{server} could not be started: another server uses the data folder {folder}.");

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
