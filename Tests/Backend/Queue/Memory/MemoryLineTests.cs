using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue.Memory;

public sealed class MemoryLineTests
{
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryLine _line;
    private int _joins;

    public MemoryLineTests()
    {
        var options = TestRules.Of(size: 3, min: 2, flush: Flush.TotalSeconds);
        _line = new MemoryLine(new CurrentRules(options, NullLogger<CurrentRules>.Instance), _time, hearsAll: true);
    }

    [Fact]
    public void Where_silence_does_not_count_a_silent_player_makes_nothing_due()
    {
        var line = new MemoryLine(new CurrentRules(TestRules.Of(size: 3), NullLogger<CurrentRules>.Instance), _time, hearsAll: false);
        line.Add(new MemoryPlayer("p1", "", _time, 1));

        _time.Advance(TestRules.Silence * 2);

        Assert.Null(line.NextDue());
        Assert.Empty(line.FindSilent());
    }

    [Fact]
    public void A_full_match_takes_the_players_who_joined_first_and_leaves_the_rest()
    {
        Add("z", "a", "m", "b");

        Assert.Equal(["z", "a", "m"], Ids(_line.TakeMatch()));
        Assert.Equal(["b"], Ids(_line.Players));
    }

    [Fact]
    public void A_partial_match_forms_when_the_first_player_has_waited_long_enough()
    {
        Add("p1");
        _time.Advance(TimeSpan.FromSeconds(5));
        Add("p2");
        _time.Advance(Flush - TimeSpan.FromSeconds(5) - Moment);
        Assert.Equal(Moment, _line.NextDue());
        Assert.Empty(_line.TakeMatch());

        _time.Advance(Moment);

        Assert.Equal(["p1", "p2"], Ids(_line.TakeMatch()));
    }

    [Fact]
    public void Too_few_players_wait_on_however_long_they_have_waited()
    {
        Add("p1");

        _time.Advance(Flush * 100);

        Assert.Empty(_line.TakeMatch());
    }

    [Fact]
    public void Players_whose_match_got_no_server_stand_before_those_who_joined_later()
    {
        Add("p1", "p2", "p3");
        var players = _line.TakeMatch();
        Add("p4");

        players.ForEach(_line.Add);

        Assert.Equal(["p1", "p2", "p3", "p4"], Ids(_line.Players));
    }

    [Fact]
    public void The_pause_after_a_match_without_a_server_doubles_up_to_the_longest()
    {
        Add("p1", "p2", "p3");

        var pauses = Enumerable.Range(0, 7).Select(_ => FailAndPause().TotalSeconds);

        Assert.Equal([0.5, 1, 2, 4, 8, 15, 15], pauses);
    }

    [Fact]
    public void After_a_success_the_pauses_begin_anew()
    {
        Add("p1", "p2", "p3");
        FailAndPause();
        FailAndPause();

        _line.Succeeded();

        Assert.Equal(QueueLimits.FirstPause, FailAndPause());
    }

    [Fact]
    public void New_players_are_refused_after_three_failures_in_a_row_until_the_pause_is_over()
    {
        Add("p1", "p2", "p3");
        FailAndPause();
        FailAndPause();
        Assert.Equal(TimeSpan.Zero, _line.Refusal);

        GiveBack();

        Assert.Equal(TimeSpan.FromSeconds(2), _line.Refusal);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, _line.Refusal);
    }

    [Fact]
    public void Only_those_not_heard_of_count_as_silent_the_longest_silent_first()
    {
        Add("p1", "p2", "p3");
        _time.Advance(TimeSpan.FromSeconds(1));
        _line.Hear(_line.Players.First());
        Assert.Empty(_line.FindSilent());

        _time.Advance(TestRules.Silence - TimeSpan.FromSeconds(1));
        Assert.Equal(["p2", "p3"], Ids(_line.FindSilent()));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["p2", "p3", "p1"], Ids(_line.FindSilent()));
    }

    [Fact]
    public void A_player_who_has_been_matched_is_never_silent()
    {
        Add("p1", "p2", "p3");
        _line.TakeMatch();

        _time.Advance(TestRules.Silence);

        Assert.Empty(_line.FindSilent());
    }

    [Fact]
    public void A_lone_player_makes_work_only_by_silence()
    {
        Assert.Null(_line.NextDue());

        Add("p1");

        Assert.Equal(TestRules.Silence, _line.NextDue());
    }

    [Fact]
    public void A_frozen_line_forms_no_match_until_it_thaws()
    {
        Add("p1", "p2", "p3");
        _line.IsFrozen = true;
        Assert.Empty(_line.TakeMatch());
        Assert.Null(_line.NextDue());

        _line.IsFrozen = false;

        Assert.Equal(TimeSpan.Zero, _line.NextDue());
        Assert.Equal(3, _line.TakeMatch().Count);
    }

    private static IEnumerable<string> Ids(IEnumerable<MemoryPlayer> players) => players.Select(player => player.Id);

    private void Add(params string[] players)
    {
        foreach (var player in players)
        {
            _line.Add(new MemoryPlayer(player, "", _time, ++_joins));
        }
    }

    private void GiveBack()
    {
        _line.TakeMatch().ForEach(_line.Add);
        _line.Failed();
    }

    /// <summary>Has the next match fail, and lets the pause pass that follows.</summary>
    private TimeSpan FailAndPause()
    {
        GiveBack();
        var pause = _line.NextDue()!.Value;
        _time.Advance(pause - Moment);
        Assert.Empty(_line.TakeMatch());
        _time.Advance(Moment);
        return pause;
    }
}
