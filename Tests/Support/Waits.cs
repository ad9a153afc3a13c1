namespace GameStack.Tests.Support;

/// <summary>How long a test waits for what must come; only a failing test waits that long.</summary>
public static class Waits
{
    /// <summary>For one answer or one change.</summary>
    public static readonly TimeSpan Patient = TimeSpan.FromSeconds(60);

    /// <summary>For a whole stack to come up, Postgres with a fresh data folder included.</summary>
    public static readonly TimeSpan Start = TimeSpan.FromSeconds(120);

    /// <summary>Ends with the test, or after <paramref name="limit"/>.</summary>
    public static CancellationTokenSource Within(TimeSpan limit)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(limit);
        return source;
    }
}
