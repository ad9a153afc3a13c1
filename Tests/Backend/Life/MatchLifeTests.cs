using GameStack.Backend.Life;

namespace GameStack.Tests.Backend.Life;

public sealed class MatchLifeTests
{
    [Fact]
    public void Every_listener_hears_of_every_step_in_order()
    {
        Listener[] listeners = [new(), new()];
        var life = new MatchLife(listeners);
        MatchStep[] steps = [new MatchStep.Queued("p1"), new MatchStep.Claimed(Guid.NewGuid())];

        Array.ForEach(steps, life.Announce);

        Assert.All(listeners, listener => Assert.Equal(steps, listener.Heard));
    }

    private sealed class Listener : IMatchListener
    {
        public List<MatchStep> Heard { get; } = [];

        public void Hear(MatchStep step) => Heard.Add(step);
    }
}
