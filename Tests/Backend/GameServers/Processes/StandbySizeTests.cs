using GameStack.Backend.GameServers.Processes;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class StandbySizeTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_least_size_is_that_of_the_settings()
    {
        var size = new StandbySize(4, _time);
        Assert.Equal((4, Timeout.InfiniteTimeSpan), (size.Value, size.UntilSmaller));

        Ask(size, times: 3);

        Assert.Equal((4, Timeout.InfiniteTimeSpan), (size.Value, size.UntilSmaller));
    }

    [Fact]
    public void The_busiest_second_counts_for_a_while()
    {
        var size = new StandbySize(4, _time);
        Ask(size, times: 12);
        _time.Advance(TimeSpan.FromSeconds(1));
        Ask(size, times: 5);

        Assert.Equal((12, StandbySize.Memory - TimeSpan.FromSeconds(1)), (size.Value, size.UntilSmaller));

        _time.Advance(size.UntilSmaller);
        Assert.Equal(4, size.Value);
    }

    [Fact]
    public void A_burst_makes_the_pool_four_times_as_large_at_most()
    {
        var size = new StandbySize(4, _time);

        Ask(size, times: 100);

        Assert.Equal(16, size.Value);
    }

    [Fact]
    public void Matches_that_keep_coming_keep_the_size()
    {
        var size = new StandbySize(4, _time);
        for (var i = 0; i < 300; i++)
        {
            Ask(size, times: 1);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(10, size.Value);
    }

    [Fact]
    public void A_pool_that_is_to_keep_none_keeps_none()
    {
        var size = new StandbySize(0, _time);

        Ask(size, times: 20);

        Assert.Equal((0, Timeout.InfiniteTimeSpan), (size.Value, size.UntilSmaller));
    }

    private static void Ask(StandbySize size, int times)
    {
        for (var i = 0; i < times; i++)
        {
            size.Ask();
        }
    }
}
