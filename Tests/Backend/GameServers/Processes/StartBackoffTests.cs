using GameStack.Backend.GameServers.Processes;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class StartBackoffTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecords _logs = new();
    private readonly StartBackoff _backoff;

    public StartBackoffTests() => _backoff = new StartBackoff(_time, _logs);

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void The_first_failure_costs_nothing_and_each_further_one_twice_as_much_up_to_a_limit()
    {
        var delays = Enumerable.Range(0, 9).Select(_ => FailAfterDelay().TotalSeconds);

        Assert.Equal([0, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], delays.Select(delay => Math.Round(delay, 3)));
    }

    [Fact]
    public void Time_that_passes_counts()
    {
        FailAfterDelay();
        FailAfterDelay();
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(TimeSpan.FromMilliseconds(150), _backoff.Remaining);

        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(TimeSpan.Zero, _backoff.Remaining);
    }

    [Fact]
    public void Processes_that_were_started_side_by_side_fail_as_one()
    {
        var startedAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < 5; i++)
        {
            _backoff.Failed(startedAt, "no luck");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(TimeSpan.Zero, _backoff.Remaining);
    }

    [Fact]
    public void A_success_forgets_all_failures()
    {
        FailAfterDelay();
        FailAfterDelay();
        _backoff.Succeeded();

        Assert.Null(_backoff.Reason);
        Assert.Equal(TimeSpan.Zero, FailAfterDelay());
    }

    [Fact]
    public void An_old_failure_is_forgotten()
    {
        FailAfterDelay();
        FailAfterDelay();
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(TimeSpan.Zero, FailAfterDelay());
    }

    [Fact]
    public void Each_reason_is_logged_once_until_a_success()
    {
        _backoff.Succeeded();
        FailAfterDelay();
        FailAfterDelay();
        _backoff.Failed(_time.GetTimestamp(), "no program");
        _backoff.Succeeded();
        _backoff.Succeeded();
        FailAfterDelay();

        Assert.Equal(["no luck", "no program", "no luck"], _logs.Of(410).Select(record => record.Properties["Why"]));
        Assert.Single(_logs.Of(411));
    }

    private TimeSpan FailAfterDelay()
    {
        _time.Advance(_backoff.Remaining);
        _backoff.Failed(_time.GetTimestamp(), "no luck");
        return _backoff.Remaining;
    }
}
