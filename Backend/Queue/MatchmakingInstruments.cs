using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GameStack.Backend.Queue;

/// <summary>The metrics and traces of matchmaking.</summary>
internal sealed class MatchmakingInstruments
{
    public const string Name = "GameStack.Backend.Matchmaking";

    private readonly Counter<long> _joins;
    private readonly Counter<long> _formed;
    private readonly Counter<long> _assigned;
    private readonly Counter<long> _givenBack;
    private readonly Counter<long> _ended;
    private readonly Histogram<int> _size;
    private readonly Histogram<double> _assignment;

    public MatchmakingInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _joins = meter.CreateCounter<long>("gamestack.queue.joins", "{player}", "Joins, by where the player then stood");
        _formed = meter.CreateCounter<long>("gamestack.match.claimed", "{match}", "Matches this backend formed or took over");
        _assigned = meter.CreateCounter<long>("gamestack.match.assigned", "{match}", "Matches that got a server");
        _givenBack = meter.CreateCounter<long>("gamestack.match.given_back", "{match}", "Matches whose players went back to the queue, or whose claim was lost");
        _ended = meter.CreateCounter<long>("gamestack.match.ended", "{match}", "Matches that ended");
        _size = meter.CreateHistogram<int>("gamestack.match.size", "{player}", "Players in an assigned match");
        _assignment = meter.CreateHistogram<double>("gamestack.match.assignment.duration", "s", "From forming a match to its players being told");
    }

    public ActivitySource Traces { get; } = new(Name);

    public void Joined(PlayerPhase phase) => _joins.Add(1, new KeyValuePair<string, object?>("phase", phase switch
    {
        PlayerPhase.Matched => "matched",
        _ => "pending",
    }));

    public void Refused() => _joins.Add(1, new KeyValuePair<string, object?>("phase", "refused"));

    public void Claimed() => _formed.Add(1);

    public void Assigned(int players, TimeSpan sinceFormed)
    {
        _assigned.Add(1);
        _size.Record(players);
        _assignment.Record(sinceFormed.TotalSeconds);
    }

    public void GivenBack() => _givenBack.Add(1);

    public void Ended() => _ended.Add(1);
}
