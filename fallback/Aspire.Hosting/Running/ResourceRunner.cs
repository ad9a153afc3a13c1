using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Leads one resource through its life, as often as it is started, and knows how it is.</summary>
internal sealed class ResourceRunner(RunnableResource resource, RunContext context, HttpClient http, Action changed) : IDisposable
{
    private static readonly TimeSpan s_startingProbe = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_runningProbe = TimeSpan.FromSeconds(5);

    private readonly List<ResourceRunner> _waitsFor = [];
    private CancellationTokenSource _stop = new();
    private Task _life = Task.CompletedTask;
    private volatile TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => resource.Name;

    public RunnableResource Resource => resource;

    public IReadOnlyList<ResourceRunner> WaitsFor => _waitsFor;

    public ResourceState State { get; private set; }

    /// <summary>What is to be said of the state, such as the exit code; empty for nothing.</summary>
    public string Detail { get; private set; } = string.Empty;

    public string Address => State is ResourceState.Waiting or ResourceState.Starting or ResourceState.Running or ResourceState.Unhealthy
        ? string.Join("  ", resource.Endpoints.Where(endpoint => endpoint.IsShown).Select(endpoint => endpoint.Address))
        : string.Empty;

    /// <summary>Completes when the run is of no use any more because of this resource.</summary>
    public TaskCompletionSource EndsRun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wait(ResourceRunner dependency) => _waitsFor.Add(dependency);

    /// <summary>Starts the resource once what it waits for is ready; nothing happens when it already lives.</summary>
    public void Start()
    {
        if (_life.IsCompleted)
        {
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            _life = LiveAsync(_stop.Token);
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _life;
    }

    public void Dispose() => _stop.Dispose();

    // The outermost loop of a resource: whatever goes wrong with it is shown in its row and ends nothing else.
    private async Task LiveAsync(CancellationToken stop)
    {
        try
        {
            Show(ResourceState.Waiting, string.Join(", ", _waitsFor.Where(other => !other._ready.Task.IsCompleted).Select(other => other.Name)));
            foreach (var dependency in _waitsFor)
            {
                await dependency._ready.Task.WaitAsync(stop);
            }

            Show(ResourceState.Starting);
            switch (await resource.StartAsync(context, stop))
            {
                case StartResult.Started started:
                    await LiveAsync(started.Running, stop);
                    break;
                case StartResult.LeftOut leftOut:
                    context.Log(leftOut.Why);
                    Show(ResourceState.LeftOut);
                    _ready.TrySetResult();
                    break;
                case StartResult.Failed failed:
                    Fail(failed.Why, failed.EndsRun);
                    break;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Show(ResourceState.NotStarted);
        }
        catch (Exception e)
        {
            Fail(e.Message, endsRun: false);
        }
    }

    private async Task LiveAsync(IRunning running, CancellationToken stop)
    {
        await using (running)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var health = WatchHealthAsync(over.Token);
            await Task.WhenAny(running.Exited, Task.Delay(Timeout.Infinite, over.Token));
            await over.CancelAsync();
            await health;
            _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!running.Exited.IsCompleted)
            {
                Show(ResourceState.Stopping);
            }
        }

        if (stop.IsCancellationRequested)
        {
            Show(ResourceState.Stopped);
            return;
        }

        var code = await running.Exited;
        if (code is not null)
        {
            context.Log($"exited with code {code}");
        }

        Show(code == 0 ? ResourceState.Finished : ResourceState.Exited, code is null ? "ended by itself" : $"code {code}");
    }

    private async Task WatchHealthAsync(CancellationToken over)
    {
        if (resource.HealthPath is not { } path || resource.Endpoints.Find(endpoint => endpoint.IsHttp) is not { } endpoint)
        {
            BecomeReady();
            return;
        }

        var address = new Uri(endpoint.Address + path);
        while (!over.IsCancellationRequested)
        {
            var healthy = await IsHealthyAsync(address, over);
            if (over.IsCancellationRequested)
            {
                return;
            }

            if (healthy && State != ResourceState.Running)
            {
                BecomeReady();
            }
            else if (!healthy && State == ResourceState.Running)
            {
                Show(ResourceState.Unhealthy);
            }

            await Task.Delay(State == ResourceState.Running ? s_runningProbe : s_startingProbe, over)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsHealthyAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void BecomeReady()
    {
        Show(ResourceState.Running);
        _ready.TrySetResult();
    }

    private void Fail(string why, bool endsRun)
    {
        context.Log($"failed to start: {why}");
        Show(ResourceState.FailedToStart);
        if (endsRun)
        {
            EndsRun.TrySetResult();
        }
    }

    private void Show(ResourceState state, string detail = "")
    {
        (State, Detail) = (state, detail);
        changed();
    }
}
