using LocalServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.AppHost.Servers;

/// <summary>Runs Redis and Postgres as programs: installed on this machine, or unpacked from its distribution's packages.</summary>
internal static class RunAsProgramExtensions
{
    /// <summary>Runs Redis as a program if the run uses programs (<see cref="ServerChoice"/>); otherwise keeps the container.</summary>
    public static IResourceBuilder<RedisResource> RunAsProgram(this IResourceBuilder<RedisResource> redis)
    {
        if (ServerChoice.IsPrograms(redis.ApplicationBuilder))
        {
            Replace(redis, redis.Resource.PasswordParameter, RedisServer.PrepareAsync);
        }
        else if (redis.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            // Aspire starts Redis through a shell, which does not forward SIGTERM: Redis would be killed after 10 s without saving.
            redis.WithArgs(context => context.Args.Insert(0, "exec"));
        }

        return redis;
    }

    /// <summary>
    /// Runs Postgres as a program and creates its databases if the run uses programs (<see cref="ServerChoice"/>); otherwise keeps the
    /// container.
    /// </summary>
    public static IResourceBuilder<PostgresServerResource> RunAsProgram(this IResourceBuilder<PostgresServerResource> postgres)
    {
        if (ServerChoice.IsPrograms(postgres.ApplicationBuilder))
        {
            var program = Replace(postgres, postgres.Resource.PasswordParameter, PostgresServer.PrepareAsync);
            ProgramDatabases.Add(postgres.Resource, program);
        }

        return postgres;
    }

    private static IResourceBuilder<ServerProgramResource> Replace<T>(
        IResourceBuilder<T> container,
        ParameterResource? password,
        Func<LocalServerOptions, CancellationToken, Task<ServerPlan>> prepareAsync)
        where T : ContainerResource, IResourceWithConnectionString
    {
        var builder = container.ApplicationBuilder;
        var port = FreePort.Next();
        ServerPlan? plan = null;

        builder.Resources.Remove(container.Resource);
        foreach (var annotation in container.Resource.Annotations.Where(IsForContainersOnly).ToList())
        {
            container.Resource.Annotations.Remove(annotation);
        }

        var healthCheck = $"{container.Resource.Name}_program_check";
        builder.Services.AddHealthChecks().AddAsyncCheck(healthCheck, async cancellationToken =>
        {
            var fault = plan is null ? "Not started yet." : await plan.FindFaultAsync(port, cancellationToken);
            return fault is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(fault);
        });

        // No proxy between a service and the server: this saves a hop, and the port stays the same when the server restarts.
        return builder.AddResource(new ServerProgramResource(container.Resource))
            .WithEndpoint("tcp", endpoint => (endpoint.Port, endpoint.TargetPort, endpoint.IsProxied) = (port, port, false))
            .WithHealthCheck(healthCheck)
            .OnBeforeResourceStarted(async (resource, started, cancellationToken) =>
            {
                var logger = started.Services.GetRequiredService<ResourceLoggerService>().GetLogger(resource);
                plan = await prepareAsync(
                    ServerChoice.Options(builder, resource.Name) with
                    {
                        Password = password is null ? null : await password.GetValueAsync(cancellationToken),
                        Log = line => ServerLog.Preparing(logger, line),
                    },
                    cancellationToken);
            })
            .WithArgs(async context =>
            {
                foreach (var argument in await plan!.CommandAsync(port, context.CancellationToken))
                {
                    context.Args.Add(argument);
                }
            })
            .WithEnvironment(context =>
            {
                foreach (var (name, value) in plan!.Environment)
                {
                    context.EnvironmentVariables[name] = value;
                }
            });
    }

    // Annotations that say how to create a container, or that check one.
    private static bool IsForContainersOnly(IResourceAnnotation annotation) =>
        annotation is ContainerImageAnnotation or CommandLineArgsCallbackAnnotation or HealthCheckAnnotation
            or HttpsCertificateConfigurationCallbackAnnotation or CertificateTrustConfigurationCallbackAnnotation;
}
