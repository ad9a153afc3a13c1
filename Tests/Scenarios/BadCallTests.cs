using System.Net;
using System.Text;
using GameStack.Tests.Proxy;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>What a developer is told who makes a mistake in a call: at a backend, and through the proxy.</summary>
[Collection(MachineCollection.Name)]
public sealed class BadCallTests(TwoBackends shared) : IClassFixture<TwoBackends>, IDisposable
{
    private const string Json = "application/json";

    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    private CancellationToken Cancelled => _within.Token;

    public static TheoryData<string, string> BadBodies => new()
    {
        { "", "JSON object" },
        { " ", "JSON object" },
        { "{", "JSON object" },
        { "player_id=p1", "JSON object" },
        { """{"player_id": "p1"}}""", "JSON object" },
        { """{"player_id": "p1",}""", "JSON object" },
        { """{player_id: "p1"}""", "JSON object" },
        { "{'player_id': 'p1'}", "JSON object" },
        { """{"player_id": p1}""", "JSON object" },
        { "{\"player_id\": \"\u0001\"}", "JSON object" },
        { "null", "JSON object" },
        { "5", "JSON object" },
        { "true", "JSON object" },
        { "\"p1\"", "JSON object" },
        { "[]", "JSON object" },
        { """[{"player_id": "p1"}]""", "JSON object" },
        { "{}", "player_id must be a string" },
        { """{"playerId": "p1"}""", "player_id must be a string" },
        { """{"player_id": null}""", "player_id must be a string" },
        { """{"player_id": 5}""", "player_id must be a string" },
        { """{"player_id": 5.5e300}""", "player_id must be a string" },
        { """{"player_id": true}""", "player_id must be a string" },
        { """{"player_id": ["p1"]}""", "player_id must be a string" },
        { """{"player_id": {"id": "p1"}}""", "player_id must be a string" },
        { """{"player_id": ""}""", "player_id must be a string" },
        { """{"player_id": "a\nb"}""", "player_id must be a string" },
        { """{"player_id": "\ud800"}""", "player_id must be a string" },
        { """{"player_id": "p1", "player_id": 5}""", "player_id must be a string" },
    };

    public void Dispose() => _within.Dispose();

    [Theory, MemberData(nameof(BadBodies))]
    public async Task A_wrong_body_is_400(string body, string detail)
    {
        foreach (var call in new[] { "match/join", "match/leave" })
        {
            await RefusedAsync(HttpMethod.Post, call, Encoding.UTF8.GetBytes(body), Json, HttpStatusCode.BadRequest, detail);
        }
    }

    /// <summary>UTF-16, and half a letter in UTF-8.</summary>
    [Theory]
    [InlineData("FFFE7B007D00")]
    [InlineData("7B22706C617965725F6964223A22C328227D")]
    public Task A_body_in_another_encoding_is_400(string bytes) =>
        RefusedAsync(HttpMethod.Post, "match/join", Convert.FromHexString(bytes), Json, HttpStatusCode.BadRequest, "UTF-8");

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("text/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/octet-stream")]
    [InlineData("application/xml")]
    [InlineData("json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=nonsense")]
    public Task A_wrong_content_type_is_415(string? type) => RefusedAsync(
        HttpMethod.Post, "match/join", "{\"player_id\":\"p1\"}"u8.ToArray(), type, HttpStatusCode.UnsupportedMediaType, "Content-Type");

    [Fact]
    public async Task A_call_without_a_body_is_400() =>
        await RefusedAsync(HttpMethod.Post, "match/join", body: null, type: null, HttpStatusCode.BadRequest, "JSON object");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_413(bool chunked)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"player_id":"p1","more":"{{new string('x', 20_000)}}"}""");
        await RefusedAsync(
            HttpMethod.Post, "match/join", body, Json, HttpStatusCode.RequestEntityTooLarge, "16384", chunked);
    }

    [Theory]
    [InlineData("GET", "match/join", "POST")]
    [InlineData("DELETE", "match/leave", "POST")]
    [InlineData("POST", "match/status", "GET")]
    [InlineData("PUT", "match/events", "GET")]
    [InlineData("GET", "match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end", "POST")]
    [InlineData("PATCH", "sessions/active", "GET")]
    [InlineData("BREW", "match/join", "POST")]
    public Task A_wrong_method_is_405(string method, string call, string allowed) =>
        RefusedAsync(new HttpMethod(method), call, body: null, type: null, HttpStatusCode.MethodNotAllowed, allowed);

    [Theory]
    [InlineData("GET", "match")]
    [InlineData("POST", "match/join/now")]
    [InlineData("GET", "matches")]
    [InlineData("POST", "match/x/stop")]
    [InlineData("GET", "openapi/v9.json")]
    public Task A_wrong_address_is_404(string method, string call) =>
        RefusedAsync(new HttpMethod(method), call, body: null, type: null, HttpStatusCode.NotFound, "");

    [Theory]
    [InlineData("match/status", "player_id")]
    [InlineData("match/status?player_id=", "player_id")]
    [InlineData("match/status?player=p1", "player_id")]
    [InlineData("match/status?player_id=a%00b", "player_id")]
    [InlineData("match/status?player_id=p1&wait=abc", "wait")]
    [InlineData("match/status?player_id=p1&wait=-1", "wait")]
    [InlineData("match/status?player_id=p1&wait=31", "wait")]
    [InlineData("match/status?player_id=p1&wait=", "wait")]
    [InlineData("match/status?player_id=p1&wait=NaN", "wait")]
    [InlineData("match/status?player_id=p1&wait=1&wait=2", "wait")]
    [InlineData("match/events", "player_id")]
    public Task A_wrong_query_is_400(string call, string detail) =>
        RefusedAsync(HttpMethod.Get, call, body: null, type: null, HttpStatusCode.BadRequest, detail);

    [Fact]
    public async Task A_query_that_the_proxy_has_to_encode_reaches_the_backend()
    {
        await using var proxy = await StartProxyAsync();

        var response = await RawHttp.SendAsync(
            proxy.Address,
            $"GET /api/match/status?player_id={new string('"', 3900)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Cancelled);

        Assert.Equal(400, RawHttp.StatusOf(response));
        Assert.Contains("player_id", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-a-uuid")]
    [InlineData("pending:p1")]
    public Task A_wrong_session_id_is_400(string id) => RefusedAsync(
        HttpMethod.Post, $"match/{Uri.EscapeDataString(id)}/end", body: null, type: null, HttpStatusCode.BadRequest, "uuid");

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/event-stream")]
    public async Task The_answer_is_a_problem_whatever_the_caller_accepts(string accept)
    {
        await using var proxy = await StartProxyAsync();
        foreach (var door in Doors(proxy))
        {
            using var client = TestHttp.ClientOf(door);
            client.DefaultRequestHeaders.Accept.ParseAdd(accept);
            using var response = await client.PostAsync("match/join", new StringContent("{}"), Cancelled);
            (await ApiAnswer.ReadAsync(response, Cancelled)).IsProblem(HttpStatusCode.UnsupportedMediaType);
        }
    }

    [Fact]
    public async Task The_APIs_page_and_its_description_are_where_the_proxys_root_says()
    {
        await using var proxy = await StartProxyAsync();
        var words = (await proxy.Client.GetStringAsync("/", Cancelled)).Split(' ', ',');

        foreach (var path in words.Where(word => word.StartsWith("/api/", StringComparison.Ordinal)))
        {
            using var response = await proxy.Client.GetAsync(path, Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.NotEmpty(await response.Content.ReadAsStringAsync(Cancelled));
        }
    }

    private Uri[] Doors(RunningProxy proxy) => [shared.Sides[0].Root, new(proxy.Address, "/api/")];

    private Task<RunningProxy> StartProxyAsync() => RunningProxy.StartAsync([.. shared.Sides.Select(side => side.Root.ToString())]);

    private async Task RefusedAsync(
        HttpMethod method, string call, byte[]? body, string? type, HttpStatusCode code, string detail, bool chunked = false)
    {
        await using var proxy = await StartProxyAsync();
        foreach (var door in Doors(proxy))
        {
            using var client = TestHttp.ClientOf(door);
            using var request = new HttpRequestMessage(method, call);
            request.Content = body is null ? null : new ByteArrayContent(body);
            request.Headers.TransferEncodingChunked = chunked;
            if (type is not null)
                request.Content!.Headers.TryAddWithoutValidation("Content-Type", type);
            using var response = await client.SendAsync(request, Cancelled);

            var answer = await ApiAnswer.ReadAsync(response, Cancelled);
            answer.IsProblem(code);
            Assert.Contains(detail, answer.Text("detail"), StringComparison.Ordinal);
        }
    }
}
