using LocalServers;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.AppHost.Servers;

/// <summary>The databases of a Postgres that runs as a program.</summary>
internal static class ProgramDatabases
{
    /// <summary>
    /// Does for a program what Aspire does for a container: creates the databases, and shows each database as running while the server is
    /// running.
    /// </summary>
    public static void Add(PostgresServerResource postgres, IResourceBuilder<ServerProgramResource> program)
    {
        program.OnResourceReady(async (_, ready, cancellationToken) =>
        {
            var connectionString = await postgres.ConnectionStringExpression.GetValueAsync(cancellationToken) ?? "";
            foreach (var database in Databases(ready.Services))
            {
                await PostgresServer.CreateDatabaseAsync(connectionString, database.DatabaseName, cancellationToken);
                var available = new ConnectionStringAvailableEvent(database, ready.Services);
                await program.ApplicationBuilder.Eventing.PublishAsync(available, cancellationToken);
                await ShowAsync(ready.Services, database, KnownResourceStates.Running);
            }
        });
        program.OnResourceStopped(async (_, stopped, _) =>
        {
            foreach (var database in Databases(stopped.Services))
            {
                await ShowAsync(stopped.Services, database, KnownResourceStates.Finished);
            }
        });

        IEnumerable<PostgresDatabaseResource> Databases(IServiceProvider services) =>
            services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<PostgresDatabaseResource>()
                .Where(database => database.Parent == postgres);
    }

    private static Task ShowAsync(IServiceProvider services, PostgresDatabaseResource database, string state) =>
        services.GetRequiredService<ResourceNotificationService>()
            .PublishUpdateAsync(database, snapshot => snapshot with { State = state });
}
