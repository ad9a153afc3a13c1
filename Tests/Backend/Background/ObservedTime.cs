using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Background;

/// <summary>A clock that stands still, and tells how long a service wants to wait.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until the service waits, and returns for how long.</summary>
    public async Task<TimeSpan> NextWaitAsync(CancellationToken cancellationToken) => await _waits.Reader.ReadAsync(cancellationToken);

    /// <summary>As <see cref="NextWaitAsync"/>, and then lets that time pass.</summary>
    public async Task<TimeSpan> PassNextWaitAsync(CancellationToken cancellationToken)
    {
        var wait = await NextWaitAsync(cancellationToken);
        Advance(wait);
        return wait;
    }
}
