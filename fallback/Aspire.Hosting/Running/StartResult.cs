namespace Aspire.Hosting.Running;

/// <summary>How the start of a resource went.</summary>
internal abstract record StartResult
{
    private StartResult()
    {
    }

    internal sealed record Started(IRunning Running) : StartResult;

    /// <summary>It is not run here; what waits for it goes on.</summary>
    internal sealed record LeftOut(string Why) : StartResult;

    /// <param name="Why">What the reader can do about it.</param>
    /// <param name="EndsRun">Nothing useful can run without it.</param>
    internal sealed record Failed(string Why, bool EndsRun = false) : StartResult;
}
