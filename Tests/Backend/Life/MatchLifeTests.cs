using GameStack.Backend.Life;

namespace GameStack.Tests.Backend.Life;

public sealed class MatchLifeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Without_a_listener_every_step_is_passed_at_once()
    {
        var life = new MatchLife([]);

        Assert.All(Enum.GetValues<MatchStep>(), step => Assert.True(life.ReachAsync(step, Cancelled).AsTask().IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_step_waits_until_every_listener_has_heard_of_it()
    {
        var first = new Listener();
        var second = new Listener();
        var life = new MatchLife([first, second]);

        var reached = life.ReachAsync(MatchStep.Assigned, Cancelled).AsTask();
        Assert.Equal(MatchStep.Assigned, Assert.Single(first.Heard));
        Assert.Empty(second.Heard);
        first.Continue.SetResult();
        second.Continue.SetResult();
        await reached;

        Assert.Equal(MatchStep.Assigned, Assert.Single(second.Heard));
    }

    private sealed class Listener : IMatchLifeListener
    {
        public List<MatchStep> Heard { get; } = [];

        public TaskCompletionSource Continue { get; } = new();

        public async ValueTask OnReachedAsync(MatchStep step, CancellationToken cancellationToken)
        {
            Heard.Add(step);
            await Continue.Task.WaitAsync(cancellationToken);
        }
    }
}
