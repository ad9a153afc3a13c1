namespace GameStack.Tests.Support;

/// <summary>One stack for all tests that only need one: five players make a match, and nobody is flushed into a smaller one.</summary>
public sealed class SharedStack : IAsyncLifetime
{
    public const int SessionSize = 5;

    private Stack? _stack;

    public Stack Stack => _stack ?? throw new InvalidOperationException("The stack was not started.");

    /// <summary>Why there is no stack, or null when there is one.</summary>
    public string? Obstacle { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Obstacle = await Stack.FindObstacleAsync(CancellationToken.None);
        if (Obstacle is null)
        {
            _stack = await Stack.StartAsync(new StackSettings { SessionSize = SessionSize });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }
}
