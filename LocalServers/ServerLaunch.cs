namespace LocalServers;

/// <summary>Starts a server on the requested port, or on a free one, and checks that the server answers.</summary>
internal static class ServerLaunch
{
    private const int PortTries = 5;

    /// <summary>The running server and its port.</summary>
    /// <exception cref="LocalServerUnavailableException">The server ended before it was ready; the message has its last lines.</exception>
    public static async Task<(ServerProcess Process, int Port)> StartAsync(ServerPlan plan, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var port = plan.Options.Port == 0 ? FreePort.Next() : plan.Options.Port;
            var process = ServerProcess.Start(plan, await plan.CommandAsync(port, cancellationToken));
            try
            {
                if (await process.WaitUntilReadyAsync(cancellationToken))
                {
                    await plan.ProbeAsync(port, cancellationToken);
                    return (process, port);
                }

                var exit = await process.DescribeExitAsync(cancellationToken);
                if (await process.Exited == ServerProcess.LockedExitCode)
                {
                    throw ServerPlan.InUse(plan.Server, plan.Folder);
                }

                // Another program may have taken the port between its choice and its use.
                if (plan.Options.Port != 0 || tries == PortTries || !exit.Contains("Address already in use", StringComparison.Ordinal))
                {
                    throw LocalServerUnavailableException.For(plan.Server, exit);
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
