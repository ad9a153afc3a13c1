using System.Runtime.Versioning;

namespace LocalServers;

/// <summary>Creates the data files of a Postgres server with initdb.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PostgresInitialization(ServerPrograms programs, ServerUser? user, LocalServerOptions options)
{
    /// <summary>
    /// Creates the cluster in another folder and then moves it, so that a killed initdb leaves nothing that looks like a cluster.
    /// </summary>
    public async Task CreateAsync(string dataFolder, string password, CancellationToken cancellationToken)
    {
        var parent = Path.GetDirectoryName(dataFolder)!;
        foreach (var abandoned in Directory.EnumerateFileSystemEntries(parent, Path.GetFileName(dataFolder) + ".*"))
        {
            _ = await Command.RunAsync("rm", ["-rf", "--", abandoned], cancellationToken);
        }

        var unfinished = $"{dataFolder}.{Guid.NewGuid():N}";
        var passwordFile = unfinished + ".password";
        await ServerFolder.MakePrivateAsync(unfinished, user, cancellationToken);
        await ServerFolder.WritePrivateFileAsync(passwordFile, password, cancellationToken);
        await ServerFolder.GiveAsync(passwordFile, user, cancellationToken);
        try
        {
            var command = ServerUser.CommandLine(
                user,
                [
                    programs["initdb"], "-D", unfinished, "-U", PostgresServer.DefaultUser, "--pwfile", passwordFile,
                    "--auth", "scram-sha-256", "--no-locale", "--encoding", "UTF8", .. options.Durable ? (string[])[] : ["--no-sync"],
                ]);
            var (exitCode, output) = await Command.RunAsync(command[0], command.Skip(1), cancellationToken, programs.LibraryPath);
            if (exitCode != 0)
            {
                throw LocalServerUnavailableException.For("Postgres", $"initdb ended with exit code {exitCode}.\n{output}");
            }

            Directory.Move(unfinished, dataFolder);
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
}
