namespace GameStack.Tests.EndToEnd;

/// <summary>One stack for all tests that only need one: five players make a match, and nobody is flushed into a smaller one.</summary>
public sealed class SharedStack : IAsyncLifetime
{
    public const int SessionSize = 5;

    private Stack? _stack;

    public Stack Stack => _stack ?? throw new InvalidOperationException("The stack was not started.");

    public async ValueTask InitializeAsync()
    {
        if (Stack.Obstacle is null)
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
