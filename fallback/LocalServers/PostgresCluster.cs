using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace LocalServers;

/// <summary>The files of a Postgres: made once, kept between runs.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PostgresCluster(string folder, ServerPrograms programs, ServerUser? user, LocalServerOptions options)
{
    public string DataFolder { get; } = Path.Combine(folder, "data");

    public string LockFile { get; } = Path.Combine(folder, "lock");

    // Beside the cluster, readable by who runs this only: the password that the cluster was given last.
    private string PasswordFile => Path.Combine(folder, "password");

    public static LocalServerUnavailableException InUse(string folder) =>
        new($"Postgres could not be started: another one uses the data folder {folder}.");

    /// <summary>Makes the cluster if there is none and gives its user the password (none asked for: the one it has, or a new one).</summary>
    /// <returns>The password that holds.</returns>
    public async Task<string> PrepareAsync(CancellationToken cancellationToken)
    {
        var stored = File.Exists(PasswordFile) ? await File.ReadAllTextAsync(PasswordFile, cancellationToken) : null;
        var wanted = options.Password ?? stored ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (!File.Exists(Path.Combine(DataFolder, "PG_VERSION")))
        {
            await InitializeAsync(wanted, cancellationToken);
        }
        else
        {
            // Files that were copied, or kept from a run as another user.
            await ServerFolder.GiveAsync(DataFolder, user, cancellationToken);
            await EndPredecessorAsync(cancellationToken);
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
        // Made aside and moved, so that a killed initdb leaves nothing that looks like a cluster.
        var unfinished = $"{DataFolder}.{Guid.NewGuid():N}";
        var passwordFile = Path.Combine(unfinished, "..", Path.GetFileName(unfinished) + ".password");
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

            if (Directory.Exists(DataFolder))
            {
                throw InUse(folder);
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
    private async Task EndPredecessorAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(DataFolder, "postmaster.pid");
        if (!File.Exists(file) || Command.FindOnPath("flock") is null || !int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id))
        {
            return;
        }

        if (IsPostgres(id))
        {
            // Of a run that was killed a moment ago: run-server.sh is ending it.
            options.Log?.Invoke($"Process {id} still uses {DataFolder}; waiting for it to end");
            using var predecessor = Process.GetProcessById(id);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(5));
            try
            {
                await predecessor.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw InUse(folder);
            }
        }

        File.Delete(file);
    }

    private bool IsPostgres(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains(DataFolder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
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
