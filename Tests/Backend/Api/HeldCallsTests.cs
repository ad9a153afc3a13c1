using GameStack.Backend.Api;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Api;

public sealed class HeldCallsTests
{
    private readonly HeldCalls _calls = new(Options.Create(new HeldCallsOptions()));

    [Fact]
    public void The_fourth_call_of_a_player_ends_the_first_and_the_fifth_the_second()
    {
        var calls = Enumerable.Range(0, 4).Select(_ => _calls.Begin("p1")).ToArray();
        Assert.Equal([true, false, false, false], calls.Select(call => call.HasToEnd));

        using var fifth = _calls.Begin("p1");

        Assert.Equal([true, true, false, false], calls.Select(call => call.HasToEnd));
        Assert.False(fifth.HasToEnd);
    }

    [Fact]
    public void Calls_of_other_players_do_not_count()
    {
        using var mine = _calls.Begin("p1");

        for (var i = 0; i < 100; i++)
        {
            _calls.Begin($"other{i}");
        }

        Assert.False(mine.HasToEnd);
    }

    [Fact]
    public void A_call_that_has_ended_does_not_count()
    {
        using var first = _calls.Begin("p1");
        for (var i = 0; i < 100; i++)
        {
            _calls.Begin("p1").Dispose();
        }

        using var second = _calls.Begin("p1");
        using var third = _calls.Begin("p1");

        Assert.False(first.HasToEnd);
    }

    [Fact]
    public async Task However_many_come_at_once_three_go_on()
    {
        var calls = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => _calls.Begin("p1"))));

        Assert.Equal(3, calls.Count(call => !call.HasToEnd));
    }
}
