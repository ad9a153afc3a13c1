namespace GameStack.LoadTester.Report;

/// <summary>When a view looks at the board.</summary>
internal static class ViewTicks
{
    /// <summary>Comes back after every interval, and a last time when <paramref name="run"/> is done: true then.</summary>
    public static async IAsyncEnumerable<bool> EveryAsync(TimeSpan interval, Task run, TimeProvider time)
    {
        bool done;
        do
        {
            await Task.WhenAny(run, Task.Delay(interval, time));
            done = run.IsCompleted;
            yield return done;
        }
        while (!done);
    }
}
