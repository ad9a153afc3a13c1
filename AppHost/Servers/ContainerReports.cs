using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost.Servers;

/// <summary>
/// Says on the console which images a run has to fetch, and which containers fail: otherwise only the dashboard shows it, and the run
/// seems to hang.
/// </summary>
internal sealed class ContainerReports(
    ContainerEngine engine,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Unlike stoppingToken, this one is cancelled before the containers are stopped.
        var stopping = lifetime.ApplicationStopping;
        try
        {
            await ReportMissingImagesAsync(stopping);
            await ReportFaultsAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The run ends.
        }
    }

    /// <summary>What is wrong with a container; null if nothing is.</summary>
    internal static string? FaultOf(CustomResourceSnapshot container)
    {
        var state = container.State?.Text;
        return state == KnownResourceStates.FailedToStart ? "could not be started"
            : state == KnownResourceStates.RuntimeUnhealthy ? "cannot run, because the container engine does not work"
            : state == KnownResourceStates.Exited && container.ExitCode is { } exitCode and not 0 ? $"ended with exit code {exitCode}"
            : null;
    }

    private async Task ReportMissingImagesAsync(CancellationToken cancellationToken)
    {
        try
        {
            List<string> missing = [];
            foreach (var container in model.Resources.OfType<ContainerResource>())
            {
                if (container.TryGetContainerImageName(out var image) && !await engine.HasImageAsync(image, cancellationToken))
                {
                    missing.Add(image);
                }
            }

            if (missing.Count > 0)
            {
                Console.WriteLine(
                    $"Fetching container images: {string.Join(", ", missing)}. Without access to their registry, set Servers=programs.");
            }
        }
        catch (RunRefusedException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
    }

    private async Task ReportFaultsAsync(CancellationToken cancellationToken)
    {
        var faults = new Dictionary<string, string?>(StringComparer.Ordinal);
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (change.Resource is not ContainerResource { Name: var name })
            {
                continue;
            }

            var fault = FaultOf(change.Snapshot);
            if (fault is not null && fault != faults.GetValueOrDefault(name))
            {
                await Console.Error.WriteLineAsync(
                    $"The container {name} {fault}: see its log on the dashboard, or set Servers=programs.");
            }

            faults[name] = fault;
        }
    }
}
