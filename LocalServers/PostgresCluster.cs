using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace LocalServers;

/// <summary>The files of a Postgres: made once, kept between runs.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PostgresCluster(string folder, ServerPrograms programs, ServerUser? user, LocalServerOptions options)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    public string DataFolder { get; } = Path.Combine(folder, "data");

    // Beside the cluster, readable by who runs this only: the password that the cluster was given last.
    private string PasswordFile => Path.Combine(folder, "password");

    /// <summary>Makes the cluster if there is none and gives its user the password (none asked for: the one it has, or a new one).</summary>
    /// <returns>The password that holds.</returns>
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
            // Files that were copied, or kept from a run as another user.
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

        // Made aside and moved, so that a killed initdb leaves nothing that looks like a cluster.
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
    /// A postmaster.pid outlives a Postgres that was killed, and its number may since belong to another program, which Postgres would
    /// take for itself and refuse to start.
    /// </summary>
    private void RemoveStaleProcessId()
    {
        var file = Path.Combine(DataFolder, "postmaster.pid");
        if (!File.Exists(file) || !Directory.Exists("/proc/self"))
        {
            return;
        }

        // One that was started by hand does not hold our lock, but works in its data folder, as every Postgres does.
        if (int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id)
            && File.Exists($"/proc/{id}/stat")
            && new DirectoryInfo($"/proc/{id}/cwd").LinkTarget == DataFolder)
        {
            throw ServerPlan.InUse("Postgres", folder);
        }

        File.Delete(file);
    }

    /// <summary>The lock that run-server.sh holds while a server lives; this process holds it while it works on the files itself.</summary>
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
                // Perhaps of a run that was killed a moment ago and whose server is still ending.
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
        options.Log?.Invoke("The password is another one than last time: giving it to Postgres");
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
