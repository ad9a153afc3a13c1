using GameStack.LoadTester.Stack;

namespace GameStack.Tests.LoadTester.Stack;

public sealed class MatchTranscriptTests
{
    [Fact]
    public void A_match_with_length_running_and_stop_was_played()
    {
        var transcript = Hear("RUNNING_LENGTH 5", "STATE running", "STATE stop");

        Assert.True(transcript.IsOver);
        Assert.Null(transcript.Fault);
        Assert.Equal(5, transcript.RunningLength);
    }

    [Fact]
    public void Another_players_request_may_start_the_match_first()
    {
        Assert.Null(Hear("STATE running", "RUNNING_LENGTH 5", "STATE running", "STATE stop").Fault);
    }

    [Fact]
    public void Lines_that_are_not_known_yet_are_passed_over()
    {
        Assert.Null(Hear("SCORE 3 1", "RUNNING_LENGTH 5", "STATE running", "", "STATE stop").Fault);
    }

    [Fact]
    public void Before_the_stop_it_is_not_over()
    {
        Assert.False(Hear("RUNNING_LENGTH 5", "STATE running").IsOver);
    }

    [Fact]
    public void A_player_who_has_shown_a_ticket_must_get_a_seat()
    {
        string[] played = ["RUNNING_LENGTH 5", "STATE running", "STATE stop"];
        var seated = new MatchTranscript(hasTicket: true);
        var standing = new MatchTranscript(hasTicket: true);

        Array.ForEach(["JOINED 0 p1", .. played], seated.Add);
        Array.ForEach(played, standing.Add);

        Assert.Null(seated.Fault);
        Assert.Equal("stopped without JOINED", standing.Fault);
    }

    [Theory]
    [InlineData("answered UNKNOWN", "UNKNOWN")]
    [InlineData("unreadable RUNNING_LENGTH", "RUNNING_LENGTH soon")]
    [InlineData("unknown state", "RUNNING_LENGTH 5", "STATE paused")]
    [InlineData("state went back to open", "RUNNING_LENGTH 5", "STATE running", "STATE open")]
    [InlineData("stopped without RUNNING_LENGTH", "STATE running", "STATE stop")]
    [InlineData("stopped without STATE running", "RUNNING_LENGTH 5", "STATE stop")]
    [InlineData("denied: expired", "DENIED expired", "RUNNING_LENGTH 5")]
    [InlineData("moved to another connection", "JOINED 0 p1", "MOVED")]
    public void What_the_server_does_wrong_is_named(string fault, params string[] lines)
    {
        var transcript = Hear(lines);

        Assert.True(transcript.IsOver);
        Assert.Equal(fault, transcript.Fault);
    }

    [Theory]
    [InlineData("unreachable")]
    [InlineData("full")]
    [InlineData("timed_out")]
    public void A_refusal_by_the_gateway_that_may_pass_is_no_fault(string reason)
    {
        var transcript = Hear($"DENIED {reason}");

        Assert.Equal(($"denied: {reason}", null, false), (transcript.PassingDenial, transcript.Fault, transcript.IsOver));
        transcript.Add("JOINED 0 p1");
        Assert.Null(transcript.PassingDenial);
    }

    private static MatchTranscript Hear(params string[] lines)
    {
        var transcript = new MatchTranscript();
        foreach (var line in lines)
            transcript.Add(line);
        return transcript;
    }
}
