using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace LocalServers;

/// <summary>The data files of a Postgres server: created once, and kept between runs.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PostgresCluster(string folder, ServerPrograms programs, ServerUser? user, LocalServerOptions options)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    public string DataFolder { get; } = Path.Combine(folder, "data");

    // Next to the cluster, readable only by the user that runs this process: the last password that the cluster was given.
    private string PasswordFile => Path.Combine(folder, "password");

    /// <summary>
    /// Creates the cluster if there is none, and sets its password: the requested one, otherwise the stored one or a new one.
    /// </summary>
    /// <returns>The password in effect.</returns>
    public async Task<string> PrepareAsync(CancellationToken cancellationToken)
    {
        await using var exclusive = await LockAsync(cancellationToken);
        var stored = File.Exists(PasswordFile) ? await File.ReadAllTextAsync(PasswordFile, cancellationToken) : null;
        var wanted = options.Password ?? stored ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (!File.Exists(Path.Combine(DataFolder, "PG_VERSION")))
        {
            await InitializeAsync(wanted, cancellationToken);
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

    private async Task InitializeAsync(string password, CancellationToken cancellationToken)
    {
        foreach (var abandoned in Directory.EnumerateFileSystemEntries(folder, "data.*"))
        {
            _ = await Command.RunAsync("rm", ["-rf", "--", abandoned], cancellationToken);
        }

        // Create the cluster in another folder and then move it, so that a killed initdb leaves nothing that looks like a cluster.
        var unfinished = $"{DataFolder}.{Guid.NewGuid():N}";
        var passwordFile = unfinished + ".password";
        await ServerFolder.MakePrivateAsync(unfinished, user, cancellationToken);
        await ServerFolder.WritePrivateFileAsync(passwordFile, password, cancellationToken);
        await ServerFolder.GiveAsync(passwordFile, user, cancellationToken);
        try
        {
            var command = ServerUser.CommandLine(
                user,
                [
                    programs["initdb"], "-D", unfinished, "-U", PostgresServer.DefaultUser, "--pwfile", passwordFile, "--auth", "scram-sha-256",
                    "--no-locale", "--encoding", "UTF8", .. options.Durable ? (string[])[] : ["--no-sync"],
                ]);
            var (exitCode, output) = await Command.RunAsync(command[0], command.Skip(1), cancellationToken, programs.LibraryPath);
            if (exitCode != 0)
            {
                throw LocalServerUnavailableException.For("Postgres", $"initdb ended with exit code {exitCode}.\n{output}");
            }

            Directory.Move(unfinished, DataFolder);
        }
        finally
        {
            File.Delete(passwordFile);
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
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

    /// <summary>
    /// Takes the lock that run-server.sh holds while a server runs; this process holds it while it works on the files itself.
    /// </summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        for (var patience = options.LockPatience; ; patience -= LockRetry)
        {
            try
            {
                return new FileStream(ServerPlan.LockFile(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // The holder may be the server of a run that was just killed, and may still be ending.
                if (patience <= TimeSpan.Zero)
                {
                    throw ServerPlan.InUse("Postgres", folder);
                }

                await Task.Delay(LockRetry, cancellationToken);
            }
        }
    }

    private async Task ChangePasswordAsync(string password, CancellationToken cancellationToken)
    {
        options.Log?.Invoke("The password has changed since the last run; setting it in Postgres");
        var command = ServerUser.CommandLine(user, [programs["postgres"], "--single", "-D", DataFolder, "postgres"]);
        using var process = new Process { StartInfo = Command.StartInfo(command[0], command.Skip(1), programs.LibraryPath) };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteLineAsync(
            $"ALTER ROLE \"{PostgresServer.DefaultUser}\" PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}'".AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw LocalServerUnavailableException.For("Postgres", $"its password could not be changed.\n{await output}{await error}");
        }
    }
}
