using GameStack.Backend.GameServers.Processes;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class StartPaceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecords _logs = new();
    private readonly StandbyLine _standby = new();
    private readonly ServerCount _servers = new(100);

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void An_empty_pool_starts_servers_side_by_side_until_it_will_be_full()
    {
        var size = new StandbySize(3, _time);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(TimeSpan.Zero, UntilNext(size));
            _servers.BeginStart();
        }

        Assert.Equal(Timeout.InfiniteTimeSpan, UntilNext(size));
    }

    [Fact]
    public void Each_match_that_waits_gets_a_start_at_once()
    {
        var size = new StandbySize(0, _time);
        Assert.Equal(Timeout.InfiniteTimeSpan, UntilNext(size));

        for (var i = 0; i < 2; i++)
        {
            size.Ask();
            _standby.Join();
            Assert.Equal(TimeSpan.Zero, UntilNext(size));
            _servers.BeginStart();
        }

        Assert.Equal(Timeout.InfiniteTimeSpan, UntilNext(size));
    }

    [Fact]
    public void A_full_fleet_starts_none()
    {
        var full = new ServerCount(1);
        full.BeginStart();
        _standby.Join();

        Assert.Equal(Timeout.InfiniteTimeSpan, StartPace.UntilNext(new StandbySize(1, _time), _standby, full, Backoff()));
    }

    private StartBackoff Backoff() => new(_time, _logs);

    private TimeSpan UntilNext(StandbySize size) => StartPace.UntilNext(size, _standby, _servers, Backoff());
}
