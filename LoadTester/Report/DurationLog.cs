namespace GameStack.LoadTester.Report;

/// <summary>The durations of one measure, from all players at once.</summary>
internal sealed class DurationLog
{
    private readonly Lock _lock = new();
    private readonly List<double> _seconds = [];

    public void Add(TimeSpan duration)
    {
        lock (_lock)
        {
            _seconds.Add(duration.TotalSeconds);
        }
    }

    public Percentiles Percentiles()
    {
        double[] copy;
        lock (_lock)
        {
            copy = [.. _seconds];
        }

        return Report.Percentiles.Of(copy);
    }
}
