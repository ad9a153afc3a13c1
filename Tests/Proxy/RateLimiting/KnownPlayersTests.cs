using System.Net;
using GameStack.Proxy.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Proxy.RateLimiting;

public sealed class KnownPlayersTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly KnownPlayers _known;

    public KnownPlayersTests() => _known = new KnownPlayers(_time);

    [Fact]
    public void A_player_is_known_where_it_has_joined_and_nowhere_else()
    {
        _known.Add(Here, "p1");

        Assert.True(_known.Returns(Here, "p1"));
        Assert.False(_known.Returns(There, "p1"));
        Assert.False(_known.Returns(Here, "p2"));
    }

    [Fact]
    public void A_player_is_known_for_a_minute_at_least_and_two_at_most()
    {
        _time.Advance(KnownPlayers.Memory / 2);
        _known.Add(Here, "p1");

        _time.Advance(KnownPlayers.Memory);
        Assert.True(_known.Returns(Here, "p1"));

        _time.Advance(KnownPlayers.Memory);
        Assert.False(_known.Returns(Here, "p1"));
    }

    [Fact]
    public void A_player_who_comes_back_too_often_counts_again()
    {
        _known.Add(Here, "p1");
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(_known.Returns(Here, "p1")));

        Assert.False(_known.Returns(Here, "p1"));
        _known.Add(Here, "p1");

        Assert.True(_known.Returns(Here, "p1"));
    }

    [Fact]
    public void After_a_quiet_time_nobody_is_known()
    {
        _known.Add(Here, "p1");

        _time.Advance(KnownPlayers.Memory * 2);

        Assert.False(_known.Returns(Here, "p1"));
    }

    [Fact]
    public void However_many_players_come_the_latest_are_known_and_the_first_are_forgotten()
    {
        foreach (var player in Enumerable.Range(0, 250_000))
        {
            _known.Add(Here, $"p{player}");
        }

        Assert.True(_known.Returns(Here, "p249999"));
        Assert.False(_known.Returns(Here, "p0"));
    }
}
