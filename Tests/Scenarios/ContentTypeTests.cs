using System.Net;
using System.Text;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

[Collection(SharedStackCollection.Name)]
public sealed class ContentTypeTests(SharedStack shared) : StackTests(shared)
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; charset=utf8")]
    public async Task A_join_in_UTF8_is_taken_however_that_is_said(string contentType)
    {
        var player = NewPlayer("Zoë");

        Assert.Equal("pending:" + player, (await PostAsync(player, contentType)).Ok().Text("session_id"));
    }

    [Theory]
    [InlineData("application/json; charset=utf-7")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=nonsense")]
    [InlineData("application/json; charset=")]
    public async Task A_join_in_another_encoding_is_refused(string contentType) =>
        (await PostAsync(NewPlayer("nobody"), contentType)).IsProblem(HttpStatusCode.UnsupportedMediaType);

    [Theory]
    [InlineData("text/html", "match/nothing")]
    [InlineData("text/event-stream", "match/join")]
    [InlineData("image/png", "match/status")]
    public async Task An_error_is_a_problem_whatever_the_caller_accepts(string accept, string path)
    {
        using var http = TestHttp.ClientOf(Running.Door);
        using var request = new HttpRequestMessage(HttpMethod.Put, "api/" + path);
        request.Headers.Accept.ParseAdd(accept);
        using var response = await http.SendAsync(request, Cancelled);

        (await ApiAnswer.ReadAsync(response, Cancelled)).IsProblem(response.StatusCode);
    }

    private Task<ApiAnswer> PostAsync(string player, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"player_id":"{{player}}"}"""));
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", contentType));
        return Client.PostAsync("match/join", content, Cancelled);
    }
}
