using System.Collections.Concurrent;
using System.Diagnostics;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;

namespace GameStack.Bench.Matches;

/// <summary>
/// Players who join in pairs, at a fixed rate or all at once, and learn of their match by the join's answer or an event stream. Each match
/// ends a while after both players know of it, so that processes do not pile up.
/// </summary>
internal sealed class Arrivals(MatchApiClient api, TimeSpan matchLength)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int _names;

    private readonly ConcurrentDictionary<string, Told> _firstTold = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<double> _waits = [];
    private readonly ConcurrentBag<double> _matches = [];
    private readonly ConcurrentBag<Task> _ends = [];
    private int _failed;

    /// <summary>The players, and those of them who were told of no match.</summary>
    public (int Players, int Failed) Count { get; private set; }

    /// <summary>From each player's join to the news of the match.</summary>
    public Percentiles Waits => Percentiles.Of([.. _waits]);

    /// <summary>From the last join of each match to the moment when both players know of it.</summary>
    public Percentiles Matches => Percentiles.Of([.. _matches]);

    /// <summary>Returns when every match has ended.</summary>
    /// <param name="players">How many.</param>
    /// <param name="perSecond">Null for all at once.</param>
    public async Task RunAsync(int players, double? perSecond)
    {
        var begun = Stopwatch.GetTimestamp();
        var playing = new Task[players];
        for (var i = 0; i < players; i++)
        {
            if (TimeSpan.FromSeconds(i / perSecond ?? 0) - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }

            playing[i] = PlayAsync($"bench-{Interlocked.Increment(ref _names)}");
        }

        await Task.WhenAll(playing);
        await Task.WhenAll(_ends);
        Count = (players, _failed);
    }

    private async Task PlayAsync(string player)
    {
        using var patience = new CancellationTokenSource(Patience);
        var joinedAt = Stopwatch.GetTimestamp();
        string? fault;
        try
        {
            var match = await FindMatchAsync(player, patience.Token);
            if (match.Value is { } address)
            {
                Tell(player, address, new Told(joinedAt, Stopwatch.GetTimestamp()));
                return;
            }

            fault = match.Fault;
        }
        catch (OperationCanceledException)
        {
            fault = "no match";
        }

        Interlocked.Increment(ref _failed);
        await Console.Error.WriteLineAsync($"{player}: {fault}");
        await api.LeaveAsync(player, CancellationToken.None);
    }

    private async Task<PhaseResult<MatchAddress>> FindMatchAsync(string player, CancellationToken cancellationToken)
    {
        var joined = await api.JoinAsync(player, cancellationToken);
        if (joined.Value is not { } answer)
        {
            return PhaseResult<MatchAddress>.Failed(joined.Fault!);
        }

        if (answer.ConnectPort > 0)
        {
            return MatchAddress.From(answer);
        }

        await foreach (var status in api.EventsAsync(player, cancellationToken))
        {
            if (status.Fault is { } fault)
            {
                return PhaseResult<MatchAddress>.Failed(fault);
            }

            if (StatusVerdict.Of(status) is { } verdict)
            {
                return verdict;
            }
        }

        return PhaseResult<MatchAddress>.Failed("stream ended");
    }

    private void Tell(string player, MatchAddress match, Told told)
    {
        _waits.Add(Stopwatch.GetElapsedTime(told.JoinedAt, told.At).TotalSeconds);
        if (_firstTold.TryAdd(match.SessionId, told) || !_firstTold.TryRemove(match.SessionId, out var other))
        {
            return;
        }

        var lastJoin = Math.Max(told.JoinedAt, other.JoinedAt);
        _matches.Add(Stopwatch.GetElapsedTime(lastJoin, Math.Max(told.At, other.At)).TotalSeconds);
        _ends.Add(EndAsync(player, match));
    }

    private async Task EndAsync(string player, MatchAddress match)
    {
        await Task.Delay(matchLength);
        await api.EndAsync(player, match.SessionId, match.Ticket, CancellationToken.None);
    }

    private sealed record Told(long JoinedAt, long At);
}
