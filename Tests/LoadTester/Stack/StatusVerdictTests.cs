using System.Net;
using GameStack.Contracts.Api;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Stack;

namespace GameStack.Tests.LoadTester.Stack;

public sealed class StatusVerdictTests
{
    [Fact]
    public void Pending_means_to_go_on_waiting()
    {
        Assert.Null(Of(new StatusResponse { Status = "pending" }));
    }

    [Fact]
    public void Matched_means_the_address()
    {
        var verdict = Of(new StatusResponse { Status = "matched", SessionId = "s", ConnectHost = "h", ConnectPort = 9 });

        Assert.Equal(new MatchAddress("s", "h", 9, null), verdict?.Value);
    }

    [Theory]
    [InlineData(null, "h", 9)]
    [InlineData("s", "", 9)]
    [InlineData("s", "h", 0)]
    [InlineData("s", "h", 70_000)]
    public void Matched_without_an_address_is_a_failure(string? sessionId, string host, int port)
    {
        var verdict = Of(new StatusResponse { Status = "matched", SessionId = sessionId, ConnectHost = host, ConnectPort = port });

        Assert.Equal("matched without an address", verdict?.Fault);
    }

    [Theory]
    [InlineData("ended", "ended before the player learned about it")]
    [InlineData("left", "removed from the queue")]
    [InlineData("dreaming", "unknown status")]
    public void Every_other_status_is_a_failure(string status, string fault)
    {
        Assert.Equal(fault, Of(new StatusResponse { Status = status })?.Fault);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    public void What_may_pass_means_to_go_on_waiting(HttpStatusCode status)
    {
        Assert.Null(StatusVerdict.Of(ApiAnswer<StatusResponse>.Refused(status, null)));
    }

    [Fact]
    public void A_call_without_an_answer_means_to_go_on_waiting()
    {
        Assert.Null(StatusVerdict.Of(ApiAnswer<StatusResponse>.Unanswered("refused")));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "404")]
    [InlineData(HttpStatusCode.InternalServerError, "500")]
    public void What_will_not_pass_is_a_failure(HttpStatusCode status, string fault)
    {
        Assert.Equal(fault, StatusVerdict.Of(ApiAnswer<StatusResponse>.Refused(status, null))?.Fault);
    }

    [Fact]
    public void An_unreadable_answer_is_a_failure()
    {
        Assert.Equal("unreadable answer", StatusVerdict.Of(ApiAnswer<StatusResponse>.Unreadable())?.Fault);
    }

    private static PhaseResult<MatchAddress>? Of(StatusResponse status) => StatusVerdict.Of(ApiAnswer<StatusResponse>.Of(status));
}
