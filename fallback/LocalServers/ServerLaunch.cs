namespace LocalServers;

/// <summary>Starts a server on the port that is asked for, or on a free one, and sees that it answers.</summary>
internal sealed class ServerLaunch
{
    private const int PortTries = 5;

    /// <summary>Its name in messages.</summary>
    public required string Server { get; init; }

    public required LocalServerOptions Options { get; init; }

    /// <summary>Holds the lock file, <see cref="LockFile"/>.</summary>
    public required string Folder { get; init; }

    /// <summary>The signal, without SIG, that ends the server in good order.</summary>
    public required string StopSignal { get; init; }

    /// <summary>Part of the line that the server writes once it serves.</summary>
    public required string ReadyText { get; init; }

    public required string? LibraryPath { get; init; }

    /// <summary>The command line for a port, the change of user included.</summary>
    public required Func<int, CancellationToken, Task<IReadOnlyList<string>>> Command { get; init; }

    /// <summary>Talks to the server on its port; throws when it is not the one that was started.</summary>
    public required Func<int, CancellationToken, Task> Probe { get; init; }

    public static string LockFile(string folder) => Path.Combine(folder, "lock");

    public static LocalServerUnavailableException InUse(string server, string folder) =>
        new($"{server} could not be started: another one uses the data folder {folder}.");

    /// <summary>The running server and its port.</summary>
    /// <exception cref="LocalServerUnavailableException">It ended before it served; the message holds its last lines.</exception>
    public async Task<(ServerProcess Process, int Port)> StartAsync(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var port = Options.Port == 0 ? FreePort.Next() : Options.Port;
            var command = await Command(port, cancellationToken);
            var process = ServerProcess.Start(command, LockFile(Folder), StopSignal, ReadyText, LibraryPath, Options.Log);
            try
            {
                if (await process.WaitUntilReadyAsync(cancellationToken))
                {
                    await Probe(port, cancellationToken);
                    return (process, port);
                }

                var exit = await process.DescribeExitAsync(cancellationToken);
                if (await process.Exited == ServerProcess.LockedExitCode)
                {
                    throw InUse(Server, Folder);
                }

                // Somebody else may have taken a port between its choice and its use.
                if (Options.Port != 0 || tries == PortTries || !exit.Contains("Address already in use", StringComparison.Ordinal))
                {
                    throw LocalServerUnavailableException.For(Server, exit);
                }
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }

            await process.DisposeAsync();
        }
    }
}
