using System.Diagnostics;

namespace GameStack.Bench.Growth;

/// <summary>How long operations took in one round.</summary>
internal sealed class Times
{
    private readonly Dictionary<string, List<double>> _microseconds = new(StringComparer.Ordinal);

    public async Task<T> TakeAsync<T>(string operation, Func<Task<T>> call)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = await call();
        var taken = Stopwatch.GetElapsedTime(begun);
        if (!_microseconds.TryGetValue(operation, out var times))
        {
            _microseconds[operation] = times = [];
        }

        times.Add(taken.TotalMicroseconds);
        return result;
    }

    /// <summary>The time in microseconds that this share of the calls did not exceed.</summary>
    public double Percentile(string operation, double share)
    {
        double[] times = [.. _microseconds[operation].Order()];
        return times[Math.Max(0, (int)Math.Ceiling(share * times.Length) - 1)];
    }
}
