using Microsoft.Extensions.DependencyInjection;

namespace GameStack.AppHost.Commands;

/// <summary>The command <c>run-load-test</c> of the load tester, on the dashboard and in the <c>aspire</c> CLI.</summary>
internal static class LoadTestCommand
{
    private static readonly string[] Active = [KnownResourceStates.Waiting, KnownResourceStates.Starting, KnownResourceStates.Running];
    private static readonly string[] Ended = [KnownResourceStates.Finished, KnownResourceStates.Exited];
    private static readonly string[] NotStarted = [KnownResourceStates.FailedToStart];

    /// <summary>Passes <paramref name="defaults"/> to the load tester, and adds the command that runs it with other values.</summary>
    public static IResourceBuilder<ProjectResource> WithLoadTestCommand(
        this IResourceBuilder<ProjectResource> loadTester, LoadTest defaults)
    {
        // The options for the next start of the load tester. Only one command at a time changes them.
        var next = defaults;
        var one = new SemaphoreSlim(1);
        return loadTester
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["CLIENTS"] = next.Clients;
                context.EnvironmentVariables["MATCH_DURATION"] = next.MatchDuration;
                context.EnvironmentVariables["SPAWN_RATE"] = next.SpawnRate;
                context.EnvironmentVariables["PLAY_THROUGH"] = next.Through;
            })
            .WithArgs(context =>
            {
                if (next.SummaryFile is { } file)
                {
                    context.Args.Add("--json");
                    context.Args.Add(file);
                }
            })
            .WithCommand(
                "run-load-test", "Run a load test",
                async context =>
                {
                    var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
                    var isActive = notifications.TryGetCurrentState(context.ResourceName, out var now) && IsIn(now.Snapshot, Active);
                    if (isActive || !await one.WaitAsync(TimeSpan.Zero, context.CancellationToken))
                    {
                        return CommandResults.Failure("A load test is already running.");
                    }

                    var folder = Directory.CreateTempSubdirectory("gamestack-load-test-");
                    next = LoadTest.From(context.Arguments, defaults) with { SummaryFile = Path.Combine(folder.FullName, "summary.json") };
                    try
                    {
                        return await RunAsync(context, loadTester.Resource, next.SummaryFile);
                    }
                    finally
                    {
                        next = defaults;
                        folder.Delete(recursive: true);
                        one.Release();
                    }
                },
                new CommandOptions
                {
                    Description = "Simulated players join, are matched, and play.",
                    IconName = "PeopleTeam",
                    IsHighlighted = true,
                    Arguments = LoadTest.Inputs(defaults),
                    ValidateArguments = LoadTest.ValidateAsync,
                    UpdateState = state =>
                        IsIn(state.ResourceSnapshot, Active) ? ResourceCommandState.Disabled : ResourceCommandState.Enabled,
                });
    }

    /// <param name="exitCode">The load tester's exit code; null if it is not known, as after a kill.</param>
    /// <param name="summary">What the load tester wrote to the summary's file: nothing, or only a part, if it was killed.</param>
    public static ExecuteCommandResult Result(int? exitCode, string summary)
    {
        if (LoadReport.Read(summary) is not { } report)
        {
            var end = exitCode is { } code ? $"exited with code {code}" : "ended";
            return CommandResults.Failure($"The load tester {end} without a summary; see its console log.");
        }

        return exitCode == 0
            ? CommandResults.Success(report.Outcome, report.Markdown, CommandResultFormat.Markdown, displayImmediately: true)
            : CommandResults.Failure(report.Outcome, report.Markdown, CommandResultFormat.Markdown);
    }

    private static async Task<ExecuteCommandResult> RunAsync(ExecuteCommandContext context, ProjectResource loadTester, string summaryFile)
    {
        var cancellationToken = context.CancellationToken;
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        var runBefore = notifications.TryGetCurrentState(context.ResourceName, out var before) ? before.Snapshot.StartTimeStamp : null;
        var started = await context.Services.GetRequiredService<ResourceCommandService>()
            .ExecuteCommandAsync(loadTester, KnownResourceCommands.StartCommand, cancellationToken);
        if (!started.Success)
        {
            return started;
        }

        var end = await notifications.WaitForResourceAsync(
            loadTester.Name,
            happened => IsIn(happened.Snapshot, NotStarted)
                || (IsIn(happened.Snapshot, Ended) && happened.Snapshot.StartTimeStamp != runBefore),
            cancellationToken);
        return Result(end.Snapshot.ExitCode, File.Exists(summaryFile) ? await File.ReadAllTextAsync(summaryFile, cancellationToken) : "");
    }

    private static bool IsIn(CustomResourceSnapshot snapshot, string[] states) =>
        states.Contains(snapshot.State?.Text, StringComparer.Ordinal);
}
