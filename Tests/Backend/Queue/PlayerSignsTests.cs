using GameStack.Backend.Queue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue;

public sealed class PlayerSignsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PlayerSigns _signs;

    public PlayerSignsTests() =>
        _signs = new PlayerSigns(new CurrentRules(TestRules.Of(size: 2), NullLogger<CurrentRules>.Instance), _time);

    [Fact]
    public void The_queue_is_told_once_of_a_player_who_is_heard_of_again_and_again()
    {
        Parallel.For(0, 100, _ => _signs.Hear("p1"));

        Assert.Equal(["p1"], _signs.Take(10));
        Assert.Empty(_signs.Take(10));
    }

    [Fact]
    public void After_the_interval_the_queue_is_told_of_the_player_again()
    {
        _signs.Hear("p1");
        _signs.Take(10);
        _time.Advance(PlayerSigns.Interval - TimeSpan.FromMilliseconds(1));
        _signs.Hear("p1");
        Assert.Empty(_signs.Take(10));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        _signs.Hear("p1");

        Assert.Equal(["p1"], _signs.Take(10));
    }

    [Fact]
    public void A_batch_takes_the_first_players_and_leaves_the_rest_for_the_next()
    {
        foreach (var player in (string[])["p1", "p2", "p3"])
        {
            _signs.Hear(player);
        }

        Assert.Equal(["p1", "p2"], _signs.Take(2));
        Assert.Equal(["p3"], _signs.Take(2));
    }

    [Fact]
    public void A_player_counts_as_heard_of_until_the_time_of_silence_is_over()
    {
        Assert.False(_signs.IsHeard("p1"));
        _signs.Hear("p1");
        _time.Advance(TestRules.Silence - TimeSpan.FromSeconds(1));
        Assert.True(_signs.IsHeard("p1"));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(_signs.IsHeard("p1"));
    }

    [Fact]
    public void A_player_heard_of_lately_is_not_forgotten_with_the_silent()
    {
        _signs.Hear("silent");
        _time.Advance(TestRules.Silence - TimeSpan.FromSeconds(1));
        _signs.Hear("p1");
        _signs.Take(10);
        _time.Advance(TimeSpan.FromSeconds(1));

        _signs.Prune();

        _signs.Hear("p1"); // Still known, and heard of a second ago.
        Assert.Empty(_signs.Take(10));
        Assert.True(_signs.IsHeard("p1"));
    }
}
