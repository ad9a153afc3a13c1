using System.Net;
using System.Text;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

[Collection(SharedStackCollection.Name)]
public sealed class PlayerIdTests(SharedStack shared) : StackTests(shared)
{
    public static TheoryData<string> BadBodies =>
    [
        """{"player_id": ""}""",
        $$"""{"player_id": "{{new string('x', 129)}}"}""",
        """{"player_id": "a\u0000b"}""",
        """{"player_id": "a\nb"}""",
        """{"player_id": "a\u007fb"}""",
        """{"player_id": "a\u0085b"}""",
        """{"player_id": "a\ud800b"}""",
        """{"player_id": null}""",
        """{"player_id": 5}""",
        """{"player_id": ["p1"]}""",
        """{"player_id": {"player_id": "p1"}}""",
        """{"PlayerId": "p1"}""",
        "{}",
        "[]",
        "null",
        "\"p1\"",
        """{"player_id": "p1" """,
        "player_id=p1",
        "",
    ];

    public static TheoryData<string> BadQueries =>
        ["", "?player_id=", "?player_id=" + new string('x', 129), "?player_id=a%00b", "?player_id=a%0Ab", "?player_id=a%7Fb", "?player=p1"];

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_join_without_a_good_player_id_is_refused(string body)
    {
        (await Client.PostAsync("match/join", ContractClient.RawJson(body), Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_leave_without_a_good_player_id_is_refused(string body)
    {
        (await Client.PostAsync("match/leave", ContractClient.RawJson(body), Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task A_status_without_a_good_player_id_is_refused(string query)
    {
        (await Client.GetAsync("match/status" + query, Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task Events_without_a_good_player_id_are_refused(string query)
    {
        (await Client.GetAsync("match/events" + query, Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_join_that_is_not_JSON_is_refused()
    {
        using var text = new StringContent("""{"player_id": "p1"}""", Encoding.UTF8, "text/plain");

        (await Client.PostAsync("match/join", text, Cancelled)).IsProblem(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("31")]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("soon")]
    public async Task A_wait_that_is_too_long_or_no_number_is_refused(string wait)
    {
        (await Client.GetAsync($"match/status?player_id=p1&wait={wait}", Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("not-a-session")]
    [InlineData("pending:p1")]
    public async Task A_session_id_that_is_no_uuid_is_refused(string sessionId)
    {
        (await Client.EndAsync(sessionId, Cancelled)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("p1")]
    [InlineData("a/b?c=d&e#f %41+;")]
    [InlineData("Zoë 玩家 🎮")]
    [InlineData("<b>\"quoted\" \\ 'id'</b>")]
    [InlineData("{q}:waiting")]
    public async Task A_player_keeps_whatever_id_is_allowed(string name)
    {
        var player = NewPlayer(name).PadRight(128, '.');

        var join = (await Client.JoinAsync(player, Cancelled)).Ok();
        Assert.Equal("pending:" + player, join.Text("session_id"));
        Assert.Equal([player], join.Texts("players"));
        Assert.Equal("pending", (await Client.StatusAsync(player, Cancelled)).Ok().Text("status"));

        (await Client.LeaveAsync(player, Cancelled)).Ok();
        (await Client.StatusAsync(player, Cancelled)).IsProblem(HttpStatusCode.NotFound);
    }
}
