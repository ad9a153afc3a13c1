namespace GameStack.LoadTester.Report;

/// <summary>The moments at which a view reads the board.</summary>
internal static class ViewTicks
{
    /// <summary>Yields false after every interval, and true a last time when <paramref name="run"/> is done.</summary>
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
