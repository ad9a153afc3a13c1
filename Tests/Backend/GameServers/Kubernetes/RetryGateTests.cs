using GameStack.Backend.GameServers.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class RetryGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RetryGate _gate;

    public RetryGateTests() => _gate = new RetryGate(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_tries_succeed_all_go_through_at_once()
    {
        using var first = await _gate.EnterAsync(isFirst: false, Token);
        using var second = await _gate.EnterAsync(isFirst: false, Token);

        Assert.Null(_gate.Reason);
    }

    [Fact]
    public async Task Pauses_double_from_half_a_second_to_five()
    {
        await RefuseAsync();
        double[] pauses = [0.5, 1, 2, 4, 5, 5];
        foreach (var pause in pauses)
        {
            var entering = _gate.EnterAsync(isFirst: false, Token);
            _time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            Assert.False(entering.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            (await entering.WaitAsync(TimeSpan.FromSeconds(30), Token)).Refused("no");
        }

        Assert.Equal("no", _gate.Reason);
    }

    [Fact]
    public async Task A_refusal_that_nobody_has_met_for_a_minute_is_over()
    {
        await RefuseAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(_gate.Reason);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(_gate.Reason);
    }

    [Fact]
    public async Task One_at_a_time_tries_again_and_each_success_lets_twice_as_many_try_at_once()
    {
        await RefuseAsync();
        var entering = Enumerable.Range(0, 8).Select(_ => _gate.EnterAsync(isFirst: false, Token)).ToList();
        _time.Advance(TimeSpan.FromSeconds(0.5));

        foreach (var most in new[] { 1, 2, 5 })
        {
            var turns = new List<RetryGate.Turn>();
            while (turns.Count < most)
            {
                var next = await Task.WhenAny(entering).WaitAsync(TimeSpan.FromSeconds(30), Token);
                entering.Remove(next);
                turns.Add(await next);
            }

            Assert.DoesNotContain(entering, task => task.IsCompleted);
            turns.ForEach(turn => turn.Succeeded());
        }

        Assert.Null(_gate.Reason);
    }

    [Fact]
    public async Task Those_who_have_tried_at_once_are_refused_together()
    {
        await RefuseAsync();
        _time.Advance(TimeSpan.FromSeconds(0.5));
        var holder = _gate.EnterAsync(isFirst: true, Token);
        var others = new[] { _gate.EnterAsync(isFirst: false, Token), _gate.EnterAsync(isFirst: false, Token) };
        (await holder.WaitAsync(TimeSpan.FromSeconds(30), Token)).Succeeded();
        foreach (var turn in await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(30), Token))
        {
            turn.Refused("no");
        }

        var next = _gate.EnterAsync(isFirst: false, Token);
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.5));

        (await next.WaitAsync(TimeSpan.FromSeconds(30), Token)).Dispose();
    }

    [Fact]
    public async Task Those_who_hold_nothing_yet_pass_one_at_a_time_and_only_while_nobody_else_tries()
    {
        await RefuseAsync();
        var passing = Enumerable.Range(0, 3).Select(_ => _gate.PassAsync(mostHeld: 1, Token)).ToList();
        _time.Advance(TimeSpan.FromSeconds(0.5));

        await NextAsync();
        var turn = await _gate.EnterAsync(isFirst: true, Token);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(passing, task => task.IsCompleted);
        turn.Succeeded();

        await NextAsync();
        await NextAsync();

        async Task NextAsync() =>
            passing.Remove(await Task.WhenAny(passing).WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task Some_pass_while_others_hold_what_they_try_with_and_the_first_success_opens_the_gate()
    {
        await RefuseAsync();
        var holding = _gate.EnterAsync(isFirst: true, Token);
        var passing = Enumerable.Range(0, 3).Select(_ => _gate.PassAsync(mostHeld: 2, Token)).ToList();
        _time.Advance(TimeSpan.FromSeconds(0.5));
        (await holding.WaitAsync(TimeSpan.FromSeconds(30), Token)).Refused("no");
        using var stop = new CancellationTokenSource();
        holding = _gate.EnterAsync(isFirst: true, stop.Token);
        _time.Advance(TimeSpan.FromSeconds(0.75));
        passing.Remove(await Task.WhenAny(passing).WaitAsync(TimeSpan.FromSeconds(30), Token));
        var witness = _gate.Enter();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.DoesNotContain(passing, task => task.IsCompleted);
        Assert.False(holding.IsCompleted);

        await stop.CancelAsync(); // The match that holds something gives up.
        witness.Succeeded();

        await Task.WhenAll(passing).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task Those_who_hold_something_go_first()
    {
        await RefuseAsync();
        var other = _gate.EnterAsync(isFirst: false, Token);
        var holder = _gate.EnterAsync(isFirst: true, Token);

        _time.Advance(TimeSpan.FromSeconds(0.5));
        (await holder.WaitAsync(TimeSpan.FromSeconds(30), Token)).Succeeded();

        (await other.WaitAsync(TimeSpan.FromSeconds(30), Token)).Dispose();
    }

    [Fact]
    public async Task A_try_may_be_hurried()
    {
        await RefuseAsync();
        var entering = _gate.EnterAsync(isFirst: false, Token);

        _gate.Hurry();

        (await entering.WaitAsync(TimeSpan.FromSeconds(30), Token)).Dispose();
    }

    [Fact]
    public async Task A_try_that_ends_without_an_outcome_leaves_its_turn_to_the_next()
    {
        await RefuseAsync();
        _time.Advance(TimeSpan.FromSeconds(0.5));
        var first = await _gate.EnterAsync(isFirst: false, Token);
        var second = _gate.EnterAsync(isFirst: false, Token);
        Assert.False(second.IsCompleted);

        first.Dispose();

        (await second.WaitAsync(TimeSpan.FromSeconds(30), Token)).Dispose();
    }

    [Fact]
    public async Task Who_no_longer_waits_holds_up_nobody()
    {
        await RefuseAsync();
        using var cancelled = new CancellationTokenSource();
        var holder = _gate.EnterAsync(isFirst: true, cancelled.Token);
        var other = _gate.EnterAsync(isFirst: false, Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holder);

        _time.Advance(TimeSpan.FromSeconds(0.5));

        (await other.WaitAsync(TimeSpan.FromSeconds(30), Token)).Dispose();
    }

    private async Task RefuseAsync()
    {
        var turn = await _gate.EnterAsync(isFirst: false, Token);
        turn.Refused("no");
    }
}
