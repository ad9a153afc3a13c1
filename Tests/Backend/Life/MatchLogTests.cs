using GameStack.Backend.Life;
using GameStack.Tests.Backend.GameServers;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Life;

public sealed class MatchLogTests : IDisposable
{
    private readonly LogRecords _records = new();
    private readonly LoggerFactory _logs;
    private readonly MatchLog _log;

    public MatchLogTests()
    {
        _logs = new LoggerFactory([_records]);
        _log = new MatchLog(_logs.CreateLogger<MatchLife>());
    }

    [Fact]
    public void Each_step_that_an_operator_wants_to_know_is_one_line_with_the_match()
    {
        foreach (var step in TestSteps.All)
        {
            _log.Hear(step);
        }

        var match = TestSteps.Match;
        Assert.Equal(
            [
                $"Match {match} got no server at try 2: There is none.",
                $"Match {match} of 3 players is on server at 10.0.0.7:4711",
                $"Match {match} got no server; its 3 players are at the head of the queue again",
                $"Another backend has taken over match {match}",
                $"Match {match} has no server yet and is handed over, because this backend stops",
                $"Match {match} was ended by a call of the API",
                $"Match {match} has ended: its server has exited",
                $"Match {match} has ended: its server is gone",
            ],
            _records.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public void What_an_operator_should_look_into_is_a_warning_and_the_rest_is_information()
    {
        foreach (var step in TestSteps.All)
        {
            _log.Hear(step);
        }

        Assert.All((int[])[131, 132, 133, 171], id => Assert.Equal(LogLevel.Warning, Assert.Single(_records.Of(id)).Level));
        Assert.All((int[])[130, 136, 160, 161], id => Assert.Equal(LogLevel.Information, Assert.Single(_records.Of(id)).Level));
    }

    [Fact]
    public void The_match_is_a_property_of_the_line()
    {
        _log.Hear(new MatchStep.ClaimLost(TestSteps.Match));

        Assert.Equal(TestSteps.Match, Assert.Single(_records.Of(133)).Properties["MatchId"]);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _records.Dispose();
    }
}
