using System.Diagnostics.Metrics;

namespace GameStack.Backend.Life;

/// <summary>The metrics of matchmaking.</summary>
internal sealed class MatchInstruments : IMatchListener
{
    private readonly Counter<long> _joins;
    private readonly Counter<long> _claimed;
    private readonly Counter<long> _assigned;
    private readonly Counter<long> _givenBack;
    private readonly Counter<long> _ended;
    private readonly Histogram<int> _size;
    private readonly Histogram<double> _assignment;

    public MatchInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("GameStack.Backend");
        _joins = meter.CreateCounter<long>("gamestack.queue.joins", "{player}", "Joins, by where the player then stood");
        _claimed = meter.CreateCounter<long>("gamestack.match.claimed", "{match}", "Matches this backend formed or took over");
        _assigned = meter.CreateCounter<long>("gamestack.match.assigned", "{match}", "Matches that got a server");
        _givenBack = meter.CreateCounter<long>("gamestack.match.given_back", "{match}",
            "Matches whose players went back to the queue, or whose claim was lost");
        _ended = meter.CreateCounter<long>("gamestack.match.ended", "{match}", "Matches that ended");
        _size = meter.CreateHistogram<int>("gamestack.match.size", "{player}", "Players in an assigned match");
        _assignment = meter.CreateHistogram<double>("gamestack.match.assignment.duration", "s",
            "From forming a match to notifying its players");
    }

    public void Hear(MatchStep step)
    {
        switch (step)
        {
            case MatchStep.JoinAnswered s:
                Joined(s.Matched ? "matched" : "pending");
                break;
            case MatchStep.JoinRefused:
                Joined("refused");
                break;
            case MatchStep.Claimed:
                _claimed.Add(1);
                break;
            case MatchStep.Assigned s:
                _assigned.Add(1);
                _size.Record(s.Players);
                _assignment.Record(s.SinceFormed.TotalSeconds);
                break;
            case MatchStep.GivenBack or MatchStep.ClaimLost:
                _givenBack.Add(1);
                break;
            case MatchStep.Ended:
                _ended.Add(1);
                break;
        }
    }

    private void Joined(string phase) => _joins.Add(1, new KeyValuePair<string, object?>("phase", phase));
}
