using GameStack.Backend;
using GameStack.Backend.Background;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Background;

public sealed class RepeatingServiceTests : IDisposable
{
    private const int Unavailable = 100;
    private const int Failed = 101;
    private const int WorksAgain = 102;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly ObservedTime _time = new();
    private readonly LogRecords _log = new();
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);

    private CancellationToken Cancelled => _within.Token;

    [Fact]
    public async Task A_failing_round_is_repeated_after_waits_that_double_up_to_five_seconds()
    {
        using var service = new Rounds((_, _) => Fail(), _time, _log);
        await service.StartAsync(Cancelled);

        foreach (var longest in (int[])[100, 200, 400, 800, 1600, 3200, 5000, 5000])
        {
            Assert.InRange((await _time.PassNextWaitAsync(Cancelled)).TotalMilliseconds, longest / 2, longest);
        }

        await service.StopAsync(Cancelled);
    }

    [Fact]
    public async Task However_often_rounds_fail_the_failure_and_its_end_are_logged_once()
    {
        using var service = new Rounds((round, _) => round <= 3 ? Fail() : Task.CompletedTask, _time, _log, Period);
        await service.StartAsync(Cancelled);
        for (var wait = 0; wait < 5; wait++)
        {
            await _time.PassNextWaitAsync(Cancelled);
        }

        await service.StopAsync(Cancelled);

        var failure = Assert.Single(_log.Of(Failed));
        Assert.Equal((LogLevel.Error, "Cannot do the work; retrying"), (failure.Level, failure.Message));
        Assert.Equal("Can do the work again", Assert.Single(_log.Of(WorksAgain)).Message);
        Assert.Equal(3, service.Failures);
    }

    [Fact]
    public async Task After_a_success_the_next_failure_is_logged_and_waits_shortly()
    {
        using var service = new Rounds((round, _) => round == 4 ? Task.CompletedTask : Fail(), _time, _log, Period);
        await service.StartAsync(Cancelled);
        for (var wait = 0; wait < 4; wait++)
        {
            await _time.PassNextWaitAsync(Cancelled);
        }

        Assert.InRange((await _time.NextWaitAsync(Cancelled)).TotalMilliseconds, 50, 100);
        await service.StopAsync(Cancelled);
        Assert.Equal(2, _log.Of(Failed).Count);
    }

    [Fact]
    public async Task A_dependency_that_is_unavailable_is_a_warning_with_its_reason()
    {
        using var service = new Rounds((_, _) => throw new DependencyUnavailableException("Redis", "no answer"), _time, _log);
        await service.StartAsync(Cancelled);
        await _time.NextWaitAsync(Cancelled);
        await service.StopAsync(Cancelled);

        var failure = Assert.Single(_log.Of(Unavailable));
        Assert.Equal((LogLevel.Warning, "Cannot do the work; retrying: Redis is unavailable: no answer"), (failure.Level, failure.Message));
    }

    [Fact]
    public async Task A_round_that_waits_for_more_work_can_say_before_that_it_succeeds_again()
    {
        using var service = new Rounds(
            (round, stoppingToken) => round == 1 ? Fail() : Task.Delay(Timeout.Infinite, stoppingToken),
            _time,
            _log)
        {
            SucceedsEarly = true,
        };
        await service.StartAsync(Cancelled);
        await _time.PassNextWaitAsync(Cancelled);

        await _log.WaitForAsync(WorksAgain, 1);
        await service.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Rounds_that_succeed_keep_the_period_and_log_nothing()
    {
        using var service = new Rounds((_, _) => Task.CompletedTask, _time, _log, Period);
        await service.StartAsync(Cancelled);

        for (var round = 1; round <= 3; round++)
        {
            Assert.Equal(Period, await _time.NextWaitAsync(Cancelled));
            Assert.Equal(round, service.Count);
            _time.Advance(Period);
        }

        await service.StopAsync(Cancelled);
        Assert.Empty(_log.ToString());
    }

    [Fact]
    public async Task Stopping_ends_a_round_and_is_no_failure()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var service = new Rounds(
            (_, stoppingToken) =>
            {
                entered.SetResult();
                return Task.Delay(Timeout.Infinite, stoppingToken);
            },
            _time,
            _log);
        await service.StartAsync(Cancelled);
        await entered.Task.WaitAsync(Cancelled);

        await service.StopAsync(Cancelled);

        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Empty(_log.ToString());
    }

    [Fact]
    public async Task Stopping_ends_a_wait()
    {
        using var service = new Rounds((_, _) => Task.CompletedTask, _time, _log, Period);
        await service.StartAsync(Cancelled);
        await _time.NextWaitAsync(Cancelled);

        await service.StopAsync(Cancelled);

        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal(1, service.Count);
    }

    public void Dispose()
    {
        _within.Dispose();
        _log.Dispose();
    }

    private static Task Fail() => throw new InvalidOperationException("broken");

    private sealed class Rounds(Func<int, CancellationToken, Task> run, TimeProvider time, ILogger logger, TimeSpan period = default)
        : RepeatingService("do the work", time, logger, period)
    {
        public bool SucceedsEarly { get; init; }

        public int Count { get; private set; }

        public int Failures { get; private set; }

        protected override Task RunRoundAsync(CancellationToken stoppingToken)
        {
            var round = run(++Count, stoppingToken);
            if (SucceedsEarly)
            {
                Succeeded();
            }

            return round;
        }

        protected override void OnFailure(Exception exception) => Failures++;
    }
}
