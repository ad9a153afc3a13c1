using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace LocalServers;

/// <summary>The data files of a Postgres server: created once, and kept between runs.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PostgresCluster(string folder, ServerPrograms programs, ServerUser? user, LocalServerOptions options)
{
    public string DataFolder { get; } = Path.Combine(folder, "data");

    // Next to the cluster, readable only by the user that runs this process: the last password that the cluster was given.
    private string PasswordFile => Path.Combine(folder, "password");

    /// <summary>
    /// Creates the cluster if there is none, and sets its password: the requested one, otherwise the stored one or a new one.
    /// </summary>
    /// <returns>The password in effect.</returns>
    public async Task<string> PrepareAsync(CancellationToken cancellationToken)
    {
        // The lock that run-server.sh holds while a server runs. Its holder may be the server of a run that was just killed.
        var lockFile = ServerPlan.LockFile(folder);
        await using var exclusive = await FileLock.TakeAsync(lockFile, options.LockPatience, onWait: null, cancellationToken)
            ?? throw ServerPlan.InUse("Postgres", folder);
        var stored = File.Exists(PasswordFile) ? await File.ReadAllTextAsync(PasswordFile, cancellationToken) : null;
        var wanted = options.Password ?? stored ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (!File.Exists(Path.Combine(DataFolder, "PG_VERSION")))
        {
            var initialization = new PostgresInitialization(programs, user, options);
            await initialization.CreateAsync(DataFolder, wanted, cancellationToken);
        }
        else
        {
            // The files may have been copied, or may come from a run as another user.
            await ServerFolder.MakePrivateAsync(DataFolder, user, cancellationToken);
            RemoveStaleProcessId();
            if (stored != wanted)
            {
                await ChangePasswordAsync(wanted, cancellationToken);
            }
        }

        if (stored != wanted)
        {
            await ServerFolder.WritePrivateFileAsync(PasswordFile, wanted, cancellationToken);
        }

        return wanted;
    }

    /// <summary>
    /// Removes the postmaster.pid that a killed Postgres left behind. Its process id may since belong to another program; Postgres would
    /// take that program for a running Postgres and refuse to start.
    /// </summary>
    private void RemoveStaleProcessId()
    {
        var file = Path.Combine(DataFolder, "postmaster.pid");
        if (!File.Exists(file) || !Directory.Exists("/proc/self"))
        {
            return;
        }

        // A Postgres that was started by hand does not hold our lock, but its working directory is the data folder, as for every Postgres.
        if (int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id)
            && File.Exists($"/proc/{id}/stat")
            && new DirectoryInfo($"/proc/{id}/cwd").LinkTarget == DataFolder)
        {
            throw ServerPlan.InUse("Postgres", folder);
        }

        File.Delete(file);
    }

    private async Task ChangePasswordAsync(string password, CancellationToken cancellationToken)
    {
        options.Log?.Invoke("The password has changed since the last run; setting it in Postgres");
        var command = ServerUser.CommandLine(user, [programs["postgres"], "--single", "-D", DataFolder, "postgres"]);
        using var process = new Process { StartInfo = Command.StartInfo(command[0], command.Skip(1), programs.LibraryPath) };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var quoted = password.Replace("'", "''", StringComparison.Ordinal);
        var statement = $"ALTER ROLE \"{PostgresServer.DefaultUser}\" PASSWORD '{quoted}'";
        await process.StandardInput.WriteLineAsync(statement.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw LocalServerUnavailableException.For("Postgres", $"its password could not be changed.\n{await output}{await error}");
        }
    }
}
