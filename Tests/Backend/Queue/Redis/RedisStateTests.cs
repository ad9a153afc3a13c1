using GameStack.Backend.Queue.Redis;
using GameStack.Tests.Backend.GameServers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisStateTests : IDisposable
{
    private const int ServesAgain = 121;
    private const int DoesNotServe = 122;
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecords _log = new();
    private readonly LoggerFactory _logs;
    private readonly RedisState _state;

    public RedisStateTests()
    {
        _logs = new LoggerFactory([_log]);
        var access = new RedisAccess("REDIS_PASSWORD", _time, _logs.CreateLogger<RedisAccess>());
        _state = new RedisState(_time, access, _logs.CreateLogger<RedisState>());
    }

    [Fact]
    public void A_backend_starts_without_Redis_and_counts_the_outage_from_its_start()
    {
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.False(_state.IsServing);
        Assert.NotNull(_state.Reason);
        Assert.Equal(TimeSpan.FromSeconds(2), _state.Outage);
    }

    [Fact]
    public void The_first_return_is_a_healthy_start_and_logs_nothing()
    {
        Return();

        Assert.True(_state.IsServing);
        Assert.Null(_state.Reason);
        Assert.Equal(TimeSpan.Zero, _state.Outage);
        Assert.Empty(_log.ToString());
    }

    [Fact]
    public void A_script_that_works_does_not_make_Redis_up_to_date()
    {
        _state.Worked();

        Assert.False(_state.IsServing);
    }

    [Fact]
    public void A_fault_during_a_return_keeps_Redis_from_serving()
    {
        var (faults, _) = _state.BeginReturn();
        _state.Failed("cut");

        _state.Returned(faults);

        Assert.Equal("cut", _state.Reason);
        Return();
        Assert.True(_state.IsServing);
    }

    [Fact]
    public void However_many_faults_there_are_the_outage_and_its_end_are_logged_once()
    {
        Return();
        _state.Failed("cut");
        _state.Failed("refused");
        _state.Lost("empty");
        Return();

        var line = Assert.Single(_log.Of(DoesNotServe));
        Assert.Equal((LogLevel.Warning, "cut"), (line.Level, line.Properties["Reason"]));
        Assert.Single(_log.Of(ServesAgain));
    }

    [Fact]
    public void The_next_outage_is_logged_again()
    {
        Return();
        _state.Failed("cut");
        Return();
        _state.Failed("cut again");

        Assert.Equal(["cut", "cut again"], _log.Of(DoesNotServe).Select(line => line.Properties["Reason"]));
    }

    [Fact]
    public void An_outage_is_counted_from_the_last_script_that_worked()
    {
        Return();
        _state.Worked();
        _time.Advance(TimeSpan.FromSeconds(2));
        _state.Failed("no answer");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.FromSeconds(3), _state.Outage);
    }

    [Fact]
    public void A_script_that_works_in_between_does_not_shorten_an_outage()
    {
        Return();
        _state.Worked();
        _state.Failed("cut");
        _time.Advance(TimeSpan.FromSeconds(3));
        _state.Worked();
        _state.Failed("cut");

        Assert.Equal(TimeSpan.FromSeconds(3), _state.Outage);
    }

    [Fact]
    public void A_loss_is_known_until_Redis_is_up_to_date()
    {
        _state.Lost("empty");
        _state.Failed("cut");
        Assert.True(_state.BeginReturn().Lost);

        Return();

        Assert.False(_state.BeginReturn().Lost);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _log.Dispose();
    }

    private void Return() => _state.Returned(_state.BeginReturn().Faults);
}
