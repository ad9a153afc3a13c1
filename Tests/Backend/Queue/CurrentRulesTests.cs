using GameStack.Backend.Queue;
using GameStack.Tests.Backend.GameServers;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Queue;

public sealed class CurrentRulesTests : IDisposable
{
    private const int OthersHold = 123;
    private const int OwnHold = 124;
    private readonly LogRecords _log = new();
    private readonly LoggerFactory _logs;
    private readonly CurrentRules _rules;
    private readonly QueueRules _others;

    public CurrentRulesTests()
    {
        _logs = new LoggerFactory([_log]);
        _rules = new CurrentRules(TestRules.Of(size: 4), _logs.CreateLogger<CurrentRules>());
        _others = _rules.Own with { SessionSize = 8 };
    }

    [Fact]
    public void A_backend_begins_with_its_own_rules_and_says_nothing_of_them()
    {
        _rules.Set(_rules.Own with { }, "backend-0");

        Assert.Equal(4, _rules.Value.SessionSize);
        Assert.Empty(_log.ToString());
    }

    [Fact]
    public void However_often_they_are_reported_the_rules_of_another_backend_hold_and_are_logged_once()
    {
        _rules.Set(_others, "backend-1");
        _rules.Set(_others with { }, "backend-1");

        Assert.Equal((_others, 4), (_rules.Value, _rules.Own.SessionSize));
        var line = Assert.Single(_log.Of(OthersHold));
        Assert.Equal((LogLevel.Warning, "backend-1"), (line.Level, line.Properties["Backend"]));
    }

    [Fact]
    public void When_the_other_backend_has_gone_the_own_rules_hold_again()
    {
        _rules.Set(_others, "backend-1");

        _rules.Set(_rules.Own, "backend-0");

        Assert.Equal(_rules.Own, _rules.Value);
        Assert.Single(_log.Of(OwnHold));
    }

    public void Dispose()
    {
        _logs.Dispose();
        _log.Dispose();
    }
}
