using GameStack.Backend.Life;

namespace GameStack.Tests.Backend.Life;

/// <summary>Keeps the steps that are announced, and lets a test wait for one.</summary>
internal sealed class HeardSteps : IMatchListener
{
    private readonly Lock _lock = new();
    private readonly List<MatchStep> _steps = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<MatchStep> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _steps];
            }
        }
    }

    /// <summary>The first step of this kind, as soon as it is announced.</summary>
    public async Task<TStep> FirstAsync<TStep>()
        where TStep : MatchStep
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                added = _added.Task;
                if (_steps.OfType<TStep>().FirstOrDefault() is { } step)
                {
                    return step;
                }
            }

            await added.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    public void Hear(MatchStep step)
    {
        lock (_lock)
        {
            _steps.Add(step);
            _added.SetResult();
            _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
