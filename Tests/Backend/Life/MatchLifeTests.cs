using GameStack.Backend.Life;

namespace GameStack.Tests.Backend.Life;

public sealed class MatchLifeTests
{
    [Fact]
    public void Every_listener_hears_of_every_step_in_order()
    {
        HeardSteps[] listeners = [new(), new()];
        var life = new MatchLife(listeners);
        MatchStep[] steps = [new MatchStep.Queued("p1"), new MatchStep.Claimed(Guid.NewGuid())];

        Array.ForEach(steps, life.Announce);

        Assert.All(listeners, listener => Assert.Equal(steps, listener.All));
    }
}
