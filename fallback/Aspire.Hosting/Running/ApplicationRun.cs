using System.Diagnostics;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>One run of the graph on this machine.</summary>
internal sealed class ApplicationRun : IAsyncDisposable
{
    // One Ctrl+C may come twice, when whoever started this process passes it on.
    private static readonly TimeSpan s_sameSignal = TimeSpan.FromSeconds(1);

    private readonly RunConsole _console;
    private readonly TextReader? _commands;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly CancellationTokenSource _end = new();
    private readonly List<ResourceRunner> _runners;
    private readonly ResourceRunner? _dashboard;
    private long _toldAt;

    /// <param name="builder">The graph.</param>
    /// <param name="console">Where everything is said.</param>
    /// <param name="commands">What somebody types; null for nobody.</param>
    public ApplicationRun(DistributedApplicationBuilder builder, RunConsole console, TextReader? commands)
    {
        (_console, _commands) = (console, commands);
        var settings = new RunSettings(builder);
        var dashboard = settings.Dashboard ? new DashboardResource(builder.Configuration) : null;
        RunnableResource[] resources = [.. builder.Resources.OfType<RunnableResource>(), .. dashboard is null ? [] : new[] { dashboard }];
        EndpointPorts.Allocate(resources.SelectMany(resource => resource.Endpoints));
        _runners = [.. resources.Select(resource => new ResourceRunner(
            resource,
            new RunContext(settings, line => _console.WriteLine(resource.Name, line), dashboard?.OtlpEndpoint),
            _http,
            _console.Changed))];
        foreach (var runner in _runners)
        {
            _console.Introduce(runner.Name);
            foreach (var dependency in runner.Resource.WaitsFor)
            {
                runner.Wait(_runners.Single(other => other.Resource == dependency));
            }
        }

        _dashboard = _runners.Find(runner => runner.Resource == dashboard);
    }

    /// <summary>Returns when the run has ended and nothing of it is left: true when it was told to end, false when it had to.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var told = cancellationToken.Register(() => _end.Cancel());
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, EndOnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, EndOnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, EndOnSignal);

        var tables = _console.ShowTablesAsync(_runners, _end.Token);

        if (_commands is not null)
        {
            // Nobody waits for the one who types: the read returns only with the next line.
            _ = new RunCommands(_runners, _console).ReadAsync(_commands, _end.Token);
        }

        foreach (var runner in _runners.Where(runner => !runner.Resource.ExplicitStart))
        {
            runner.Start();
        }

        var broken = Task.WhenAny(_runners.Select(runner => runner.EndsRun.Task));
        var success = await Task.WhenAny(broken, Task.Delay(Timeout.Infinite, _end.Token)) != broken;
        await _end.CancelAsync();
        await tables.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _console.WriteLine("Ending everything…");
        await StopAsync();
        _console.WriteTable(_runners, isLast: true);
        return success;
    }

    public ValueTask DisposeAsync()
    {
        _runners.ForEach(runner => runner.Dispose());
        _http.Dispose();
        _end.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends what nothing else waits for first, and the dashboard last, since the others tell it how they ended.</summary>
    private async Task StopAsync()
    {
        Dictionary<ResourceRunner, Task> stops = [];
        await Task.WhenAll(_runners.Where(runner => runner != _dashboard).Select(StopOnce));
        await (_dashboard?.StopAsync() ?? Task.CompletedTask);

        Task StopOnce(ResourceRunner runner) =>
            stops.TryGetValue(runner, out var stop) ? stop : stops[runner] = StopAfterDependentsAsync(runner);

        async Task StopAfterDependentsAsync(ResourceRunner runner)
        {
            await Task.WhenAll(_runners.Where(other => other.WaitsFor.Contains(runner)).Select(StopOnce));
            await runner.StopAsync();
        }
    }

    private void EndOnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (!_end.IsCancellationRequested)
        {
            _toldAt = Stopwatch.GetTimestamp();
            _end.Cancel();
        }
        else if (Stopwatch.GetElapsedTime(_toldAt) > s_sameSignal)
        {
            // Told again by somebody who does not want to wait: the children end with this process.
            Environment.Exit(130);
        }
    }
}
