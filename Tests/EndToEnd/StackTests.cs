namespace GameStack.Tests.EndToEnd;

/// <summary>A test against <see cref="SharedStack"/>. It leaves the queue empty, so that its players are in nobody else's match.</summary>
public abstract class StackTests : IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);
    private readonly SharedStack _shared;

    protected StackTests(SharedStack shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        Assert.SkipWhen(Stack.Obstacle is not null, Stack.Obstacle ?? "");
        _shared = shared;
    }

    protected Stack Running => _shared.Stack;

    /// <summary>The match API as players reach it.</summary>
    protected ContractClient Client => _shared.Stack.Players;

    /// <summary>Cancelled when the test has taken far longer than it may.</summary>
    protected CancellationToken Cancelled => _within.Token;

    protected async Task EndAsync(Seat[] seats) => (await Client.EndAsync(seats[0].SessionId, Cancelled)).Ok();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _within.Dispose();
        }
    }
}
