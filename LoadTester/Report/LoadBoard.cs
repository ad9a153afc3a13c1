using System.Collections.Concurrent;
using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>The states of all players. The players update the board while the views read it.</summary>
internal sealed class LoadBoard(int clients, LoadMetrics metrics, TimeProvider time)
{
    private static readonly int StateCount = Enum.GetValues<PlayerState>().Length;

    private readonly long _start = time.GetTimestamp();
    private readonly int[] _states = new int[StateCount];
    private readonly DurationLog[] _durations = [.. Enum.GetValues<Measure>().Select(_ => new DurationLog())];
    private readonly ConcurrentDictionary<PlayerFailure, int> _failures = new();
    private readonly ConcurrentDictionary<PlayerFailure, int> _retries = new();
    private int _started;
    private int _joined;
    private int _matched;
    private int _played;
    private int _failed;
    private long _lastJoined;
    private long _end;

    public void Started()
    {
        Interlocked.Increment(ref _started);
        Interlocked.Increment(ref _states[(int)PlayerState.Joining]);
        metrics.Started();
    }

    public void Moved(PlayerState from, PlayerState to)
    {
        if (from != to)
        {
            Interlocked.Decrement(ref _states[(int)from]);
            Interlocked.Increment(ref _states[(int)to]);
            metrics.Moved(from, to);
        }
    }

    public void Joined()
    {
        Interlocked.Increment(ref _joined);
        Interlocked.Exchange(ref _lastJoined, time.GetTimestamp());
    }

    public void Matched()
    {
        Interlocked.Increment(ref _matched);
        metrics.Matched();
    }

    public void Played()
    {
        Interlocked.Increment(ref _played);
        metrics.Played();
    }

    public void Failed(PlayerFailure failure)
    {
        Interlocked.Increment(ref _failed);
        _failures.AddOrUpdate(failure, 1, static (_, count) => count + 1);
        metrics.Failed(failure);
    }

    /// <summary>Counts a call that is repeated; no player has failed yet.</summary>
    public void Retried(PlayerFailure cause)
    {
        _retries.AddOrUpdate(cause, 1, static (_, count) => count + 1);
        metrics.Retried(cause);
    }

    public void Measured(Measure measure, TimeSpan duration)
    {
        _durations[(int)measure].Add(duration);
        metrics.Measured(measure, duration);
    }

    /// <summary>Stops the clock.</summary>
    public void Finish() => Interlocked.CompareExchange(ref _end, time.GetTimestamp(), 0);

    public LoadSnapshot Snapshot()
    {
        var end = Interlocked.Read(ref _end);
        var joined = Volatile.Read(ref _joined);
        return new LoadSnapshot
        {
            Elapsed = end == 0 ? time.GetElapsedTime(_start) : time.GetElapsedTime(_start, end),
            Clients = clients,
            Started = Volatile.Read(ref _started),
            States = [.. _states.Select((_, state) => Volatile.Read(ref _states[state]))],
            Joined = joined,
            JoinSpan = joined == 0 ? TimeSpan.Zero : time.GetElapsedTime(_start, Interlocked.Read(ref _lastJoined)),
            Matched = Volatile.Read(ref _matched),
            Played = Volatile.Read(ref _played),
            Failed = Volatile.Read(ref _failed),
            Failures = Sorted(_failures),
            Retries = Sorted(_retries),
            Durations = [.. _durations.Select(durations => durations.Percentiles())],
        };
    }

    /// <summary>Sorts the reasons, the most frequent first.</summary>
    private static ReasonCount[] Sorted(ConcurrentDictionary<PlayerFailure, int> counts) =>
        [.. counts.ToArray()
            .GroupBy(entry => entry.Key.ToString(), entry => entry.Value)
            .Select(reason => new ReasonCount(reason.Key, reason.Sum()))
            .OrderByDescending(reason => reason.Count)
            .ThenBy(reason => reason.Reason, StringComparer.Ordinal)];
}
