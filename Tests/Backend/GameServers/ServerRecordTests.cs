using GameStack.Backend.GameServers;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers;

public sealed class ServerRecordTests
{
    private static readonly GameServerHealth Open = new("open", TimeSpan.Zero);
    private static readonly GameServerHealth Running = new("running", TimeSpan.FromSeconds(30));

    private readonly FakeTimeProvider _time = new();
    private readonly ServerRecord _record;

    public ServerRecordTests() =>
        _record = new ServerRecord(
            new GameServersOptions { OverrunGrace = TimeSpan.FromSeconds(10), LongestMatch = TimeSpan.FromHours(1) }, _time);

    [Fact]
    public void A_server_that_is_silent_three_times_in_a_row_has_to_end()
    {
        Assert.Null(_record.Judge(null));
        Assert.Null(_record.Judge(null));
        Assert.Equal("It did not answer 3 times in a row.", _record.Judge(null));
    }

    [Fact]
    public void An_answer_in_between_starts_the_count_again()
    {
        Assert.Null(_record.Judge(null));
        Assert.Null(_record.Judge(null));
        Assert.Null(_record.Judge(Open));
        Assert.Null(_record.Judge(null));
        Assert.Null(_record.Judge(null));
    }

    [Fact]
    public void A_backend_that_is_cut_off_learns_nothing_from_silence()
    {
        Assert.Null(_record.Judge(null));
        Assert.Null(_record.Judge(null));
        Assert.Null(_record.Judge(null, isSilenceOwn: false));
        Assert.NotNull(_record.Judge(null));
    }

    [Fact]
    public void A_match_may_run_for_its_length_and_the_grace_and_no_longer()
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(_record.Judge(Running));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(_record.Judge(Running));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("It runs on 10 s after its length of 30 s.", _record.Judge(Running));
    }

    [Fact]
    public void An_open_match_may_wait_for_its_players()
    {
        _time.Advance(TimeSpan.FromMinutes(90));
        Assert.Null(_record.Judge(Open));
    }

    [Fact]
    public void A_server_that_reports_nothing_may_go_on_for_as_long_as_the_longest_match()
    {
        for (var minute = 0; minute < 90; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Null(_record.Judge(GameServerHealth.Unknown));
        }

        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("Its match has lived longer than 01:30:00.", _record.Judge(GameServerHealth.Unknown));
    }

    [Fact]
    public void No_match_lives_longer_than_the_longest_and_the_time_before_it()
    {
        _time.Advance(TimeSpan.FromMinutes(90) + TimeSpan.FromSeconds(11));
        Assert.Equal("Its match has lived longer than 01:30:00.", _record.Judge(Open));
    }
}
