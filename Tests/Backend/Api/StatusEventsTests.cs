using GameStack.Backend.Api;
using GameStack.Contracts.Api;

namespace GameStack.Tests.Backend.Api;

public sealed class StatusEventsTests
{
    private static readonly StatusResponse Ended = new() { Status = MatchStatus.Ended, SessionId = "m1" };
    private static readonly StatusResponse Left = new() { Status = MatchStatus.Left };

    public static TheoryData<StatusResponse, string> Ids => new()
    {
        { new() { Status = MatchStatus.Pending }, "pending" },
        { new() { Status = MatchStatus.Matched, SessionId = "m1", ConnectHost = "h", ConnectPort = 1 }, "matched:m1" },
        { Ended, "ended:m1" },
        { Left, "left" },
    };

    [Theory, MemberData(nameof(Ids))]
    public void An_event_is_identified_by_what_it_says(StatusResponse status, string id)
    {
        var told = StatusEvents.Of(status);

        Assert.Equal(("status", id, status), (told.EventType, told.EventId, told.Data));
    }

    [Fact]
    public void A_stream_has_ended_for_a_client_that_had_its_last_event()
    {
        Assert.True(StatusEvents.HaveEnded(Ended, "ended:m1"));
        Assert.True(StatusEvents.HaveEnded(Left, "left"));
        Assert.True(StatusEvents.HaveEnded(Left, "ended:m1"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("pending")]
    [InlineData("matched:m1")]
    [InlineData("ended")]
    [InlineData("ended:m2")]
    [InlineData("ENDED:m1")]
    [InlineData("left")]
    public void The_end_of_a_match_is_told_to_a_client_that_has_not_heard_of_it(string? lastEventId) =>
        Assert.False(StatusEvents.HaveEnded(Ended, lastEventId));

    [Theory]
    [InlineData(MatchStatus.Pending, "left")]
    [InlineData(MatchStatus.Pending, "ended:m1")]
    [InlineData(MatchStatus.Matched, "ended:m1")]
    [InlineData(MatchStatus.Pending, "pending")]
    public void The_stream_of_a_player_who_has_joined_again_goes_on(string status, string lastEventId) =>
        Assert.False(StatusEvents.HaveEnded(new StatusResponse { Status = status, SessionId = "m1" }, lastEventId));

    [Theory]
    [InlineData(null)]
    [InlineData("pending")]
    [InlineData("anything")]
    public void A_stream_of_a_stranger_has_not_ended(string? lastEventId) => Assert.False(StatusEvents.HaveEnded(Left, lastEventId));
}
