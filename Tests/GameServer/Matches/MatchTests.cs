using GameStack.GameServer;
using GameStack.GameServer.Matches;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.GameServer.Matches;

/// <summary>The match's clock, which no test waits for.</summary>
public sealed class MatchTests
{
    private static readonly MatchLimits Limits = new(Empty: TimeSpan.FromSeconds(60), Open: TimeSpan.FromHours(24));

    private readonly FakeTimeProvider _time = new();
    private readonly HeardClient _client = new();
    private readonly Match _match;
    private Action _acceptWaiting = () => { };

    public MatchTests()
    {
        _match = new Match(Limits, _time, new StateLog(Stream.Null), () => _acceptWaiting());
    }

    [Fact]
    public void A_standby_server_waits_for_ever()
    {
        _time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(MatchState.Standby, _match.State);
    }

    [Fact]
    public void Nobody_connected_for_60_seconds_ends_an_open_match()
    {
        Assert.True(_match.TryOpen(seats: null));

        _time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.Equal(MatchState.Open, _match.State);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(MatchState.Stop, _match.State);
        Assert.True(_match.EverybodyGone.IsCompleted);
    }

    [Fact]
    public void The_60_seconds_begin_again_when_the_last_client_has_left()
    {
        _match.TryOpen(seats: null);
        _time.Advance(TimeSpan.FromSeconds(50));
        _match.TryJoin(_client);
        _time.Advance(TimeSpan.FromSeconds(500));
        _match.Leave(_client);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(MatchState.Open, _match.State);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void Whoever_waits_to_be_accepted_when_the_60_seconds_are_over_keeps_the_match_open()
    {
        _match.TryOpen(seats: null);
        _acceptWaiting = () => _match.TryJoin(_client);

        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(MatchState.Open, _match.State);
    }

    [Fact]
    public void Whoever_waits_to_be_accepted_when_the_last_client_leaves_keeps_the_match_running()
    {
        var last = new HeardClient();
        _match.TryOpen(seats: null);
        _match.TryJoin(last);
        _match.TryRequest(100, last);
        _acceptWaiting = () => _match.TryJoin(_client);

        _match.Leave(last);

        Assert.Equal(MatchState.Running, _match.State);
    }

    [Fact]
    public void The_length_counts_from_the_first_request()
    {
        _match.TryOpen(seats: null);
        _match.TryJoin(_client);
        _time.Advance(TimeSpan.FromHours(23));
        Assert.True(_match.TryRequest(86_400, _client));
        _time.Advance(TimeSpan.FromHours(23));
        Assert.False(_match.TryRequest(1, _client));
        Assert.Equal(86_400, _match.RunningLength);

        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(MatchState.Running, _match.State);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(MatchState.Stop, _match.State);
        Assert.Equal(["stop"], _client.Told);
    }

    [Fact]
    public void A_match_that_is_never_requested_ends_after_a_day()
    {
        _match.TryOpen(seats: null);
        _match.TryJoin(_client);

        _time.Advance(TimeSpan.FromHours(24));

        Assert.Equal(MatchState.Stop, _match.State);
        Assert.Equal(["stop"], _client.Told);
    }

    [Theory]
    [InlineData(0, 86_400, 7200)]
    [InlineData(0, 7200, 7200)]
    [InlineData(0, 30, 30)]
    [InlineData(30, 86_400, 7200)]
    [InlineData(45, 86_400, 6300)]
    [InlineData(45, 100, 100)]
    [InlineData(119, 86_400, 1860)]
    public void A_limit_caps_the_length_and_what_is_told_is_what_stands(int minutesOpen, double requested, int length)
    {
        _match.Limit(TimeSpan.FromHours(2));
        _match.TryOpen(seats: null);
        _match.TryJoin(_client);
        _time.Advance(TimeSpan.FromMinutes(minutesOpen));

        Assert.True(_match.TryRequest(requested, _client));
        Assert.Equal(length, _match.RunningLength);

        _time.Advance(TimeSpan.FromSeconds(length - 1));
        Assert.Equal(MatchState.Running, _match.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void A_limit_caps_how_long_a_match_stays_open()
    {
        _match.Limit(TimeSpan.FromHours(2));
        _match.TryOpen(seats: null);
        _match.TryJoin(_client);

        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void A_limit_that_comes_after_the_opening_changes_nothing()
    {
        _match.TryOpen(seats: null);
        _match.TryJoin(_client);
        _match.Limit(TimeSpan.FromSeconds(5));
        _match.TryRequest(60, _client);

        Assert.Equal(60, _match.RunningLength);
    }

    [Fact]
    public void Only_those_who_were_connected_at_the_first_request_are_told_and_the_requester_is_not()
    {
        var requester = new HeardClient();
        var late = new HeardClient();
        _match.TryOpen(seats: null);
        _match.TryJoin(requester);
        _match.TryJoin(_client);
        _match.TryRequest(10, requester);
        _match.TryJoin(late);

        _match.AnnounceRunning();
        _match.AnnounceRunning();

        Assert.Equal(["running"], _client.Told);
        Assert.Empty(requester.Told);
        Assert.Empty(late.Told);
    }

    [Fact]
    public void A_stopped_match_takes_nobody_in_and_is_over_once_everybody_has_gone()
    {
        _match.TryOpen(seats: null);
        _match.TryJoin(_client);

        _match.Stop("a test");
        _match.Stop("a test");

        Assert.False(_match.TryJoin(new HeardClient()));
        Assert.False(_match.TryRequest(1, _client));
        Assert.False(_match.TryOpen(seats: null));
        Assert.True(_match.Stopped.IsCompleted);
        Assert.False(_match.EverybodyGone.IsCompleted);
        _match.Leave(_client);
        Assert.True(_match.EverybodyGone.IsCompleted);
        Assert.Equal(["stop"], _client.Told);
    }
}
