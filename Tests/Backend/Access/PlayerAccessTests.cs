using System.Net;
using System.Text;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Access;

/// <summary>Real backends that players reach without a proxy, with <c>Players__Authentication=Jwt</c>.</summary>
public sealed class PlayerAccessTests(PlayerAccessTests.Shared shared) : IClassFixture<PlayerAccessTests.Shared>
{
    private readonly JwtBackend _backend = shared.Backend;
    private readonly TestIssuer _issuer = shared.Issuer;

    public static TheoryData<string> Calls => [.. JwtBackend.Calls];

    public static TheoryData<string> WrongTokens => [.. Wrong.Keys];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Dictionary<string, Func<TestIssuer, string>> Wrong { get; } = new(StringComparer.Ordinal)
    {
        ["not a token"] = _ => "ann",
        ["expired"] = issuer => issuer.Issue("ann", claims => claims["exp"] = TestIssuer.In(TimeSpan.FromSeconds(-2))),
        ["not valid yet"] = issuer => issuer.Issue("ann", claims => claims["nbf"] = TestIssuer.In(TimeSpan.FromMinutes(2))),
        ["without an end"] = issuer => issuer.Issue("ann", claims => claims.Remove("exp")),
        ["of another issuer"] = issuer => issuer.Issue("ann", claims => claims["iss"] = "https://other.example.com"),
        ["without an issuer"] = issuer => issuer.Issue("ann", claims => claims.Remove("iss")),
        ["for another audience"] = issuer => issuer.Issue("ann", claims => claims["aud"] = "another game"),
        ["without an audience"] = issuer => issuer.Issue("ann", claims => claims.Remove("aud")),
        ["not signed"] = _ => TestIssuer.IssueUnsigned("ann"),
        ["signed with another key"] = _ => IssueForeign(),
        ["signed with the public key as a secret"] = issuer =>
            issuer.IssueWithSecret("ann", Encoding.UTF8.GetBytes(issuer.PublicPem)),
        ["changed after it was signed"] = issuer => Forge(issuer.Issue("ann"), issuer.Issue("bob")),
    };

    [Theory, MemberData(nameof(Calls))]
    public async Task Without_a_token_no_player_is_served(string call)
    {
        using var response = await _backend.SendAsync(call, token: null, "ann");

        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        (await ApiAnswer.ReadAsync(response, Cancelled)).IsProblem(HttpStatusCode.Unauthorized);
    }

    [Theory, MemberData(nameof(WrongTokens))]
    public async Task A_wrong_token_is_like_none(string what)
    {
        var token = Wrong[what](_issuer);
        foreach (var call in JwtBackend.Calls)
        {
            using var response = await _backend.SendAsync(call, token, "ann");
            Assert.StartsWith("Bearer error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            (await ApiAnswer.ReadAsync(response, Cancelled)).IsProblem(HttpStatusCode.Unauthorized);
        }
    }

    [Theory, MemberData(nameof(Calls))]
    public async Task A_token_does_not_speak_of_another_player(string call) =>
        (await _backend.CallAsync(call, _issuer.Issue("ann"), "bob")).IsProblem(HttpStatusCode.Forbidden);

    [Theory]
    [InlineData("")]
    [InlineData("a\u0007b")]
    [InlineData(null)]
    public async Task A_token_that_names_no_player_is_refused_with_the_claim(string? subject)
    {
        var token = _issuer.Issue("ann", claims => claims["sub"] = subject);

        var answer = await _backend.CallAsync("join", token);

        answer.IsProblem(HttpStatusCode.Forbidden);
        Assert.Contains("claim sub", answer.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_player_id_is_named_with_a_token_too() =>
        (await _backend.CallAsync("status", _issuer.Issue("ann"), "")).IsProblem(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Players_with_tokens_are_matched_whether_they_name_themselves_or_not(bool named)
    {
        string[] players = [$"p1-{named}", $"p2-{named}"];
        foreach (var player in players)
        {
            (await _backend.CallAsync("join", _issuer.Issue(player), named ? player : null)).Ok();
        }

        foreach (var player in players)
        {
            await Eventually.IsAsync(
                "matched",
                async _ => (await _backend.CallAsync("status", _issuer.Issue(player), named ? player : null)).Text("status") == "matched",
                Waits.Patient);
            using var events = await _backend.SendAsync("events", _issuer.Issue(player), named ? player : null);
            Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task A_join_with_a_token_needs_no_body()
    {
        var token = _issuer.Issue("bodiless");
        using var join = await _backend.SendAsync(new HttpRequestMessage(HttpMethod.Post, "match/join"), token);
        using var leave = await _backend.SendAsync(new HttpRequestMessage(HttpMethod.Post, "match/leave"), token);

        Assert.Equal("pending:bodiless", (await ApiAnswer.ReadAsync(join, Cancelled)).Ok().Text("session_id"));
        Assert.Equal("left", (await ApiAnswer.ReadAsync(leave, Cancelled)).Ok().Text("status"));
    }

    [Fact]
    public async Task A_browser_may_send_the_token_of_its_event_stream_in_the_query()
    {
        var token = _issuer.Issue("browser");
        (await _backend.CallAsync("join", token)).Ok();

        using var events = await GetAsync($"match/events?access_token={token}");
        using var status = await GetAsync($"match/status?access_token={token}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (events.StatusCode, status.StatusCode));
        Assert.DoesNotContain(_backend.Program.Lines, line => line.Contains(token, StringComparison.Ordinal));
        (await _backend.CallAsync("leave", token)).Ok();

        Task<HttpResponseMessage> GetAsync(string path) => _backend.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), token: null);
    }

    [Fact]
    public async Task An_event_stream_ends_with_its_token()
    {
        (await _backend.CallAsync("join", _issuer.Issue("brief"))).Ok();
        string token, text;
        HttpStatusCode code;
        var tries = 0;
        do
        {
            token = _issuer.Issue("brief", claims => claims["exp"] = TestIssuer.In(TimeSpan.FromSeconds(3)));
            using var events = await _backend.SendAsync("events", token);
            text = await events.Content.ReadAsStringAsync(Cancelled).WaitAsync(Waits.Patient, Cancelled);
            code = events.StatusCode;
        }
        while (code == HttpStatusCode.Unauthorized && ++tries < 10); // On a busy machine, the token may expire before it is looked at.

        Assert.Contains("pending", text, StringComparison.Ordinal);
        (await _backend.CallAsync("leave", _issuer.Issue("brief"))).Ok(); // In any case: others would be matched with this player.

        // The stream's clock may be a moment ahead of the one that checks tokens.
        await Eventually.GetAsync(
            "a refusal", _ => _backend.CallAsync("status", token), answer => answer.Code == HttpStatusCode.Unauthorized, Waits.Patient);
    }

    [Theory]
    [InlineData(253_402_300_799)]
    [InlineData(4_102_444_800_000)]
    public async Task A_token_that_never_expires_has_an_event_stream_too(long expiry)
    {
        await using var backend = await JwtBackend.StartAsync(shared.KeyFile, ("Players__ClockSkew", "00:00:30"));
        var token = _issuer.Issue("ann", claims => claims["exp"] = expiry);
        (await backend.CallAsync("join", token)).Ok();

        using var events = await backend.SendAsync("events", token);

        Assert.Equal(HttpStatusCode.OK, events.StatusCode);
    }

    [Fact]
    public async Task What_is_not_of_one_player_needs_no_token()
    {
        using var client = new ContractClient(_backend.Root);

        (await client.ActiveSessionsAsync(Cancelled)).Ok();
        Assert.True(await client.IsHealthyAsync(Cancelled));
    }

    [Fact]
    public async Task The_description_of_the_API_says_which_calls_need_a_token()
    {
        using var client = new ContractClient(_backend.Root);
        var document = (await client.GetAsync("openapi/v1.json", Cancelled)).Ok();

        var schemes = document.Field("components").GetProperty("securitySchemes");
        Assert.Equal("bearer", schemes.GetProperty("Bearer").GetProperty("scheme").GetString());
        var paths = document.Field("paths");
        var join = paths.GetProperty("/match/join").GetProperty("post");
        Assert.True(join.GetProperty("security")[0].TryGetProperty("Bearer", out _));
        Assert.True(join.GetProperty("responses").TryGetProperty("401", out _));
        Assert.True(join.GetProperty("responses").TryGetProperty("403", out _));
        Assert.False(paths.GetProperty("/sessions/active").GetProperty("get").TryGetProperty("security", out _));
    }

    private static string IssueForeign()
    {
        using var other = new TestIssuer();
        return other.Issue("ann");
    }

    /// <summary>The payload of one token with the signature of the other.</summary>
    private static string Forge(string signed, string wanted) => $"{wanted[..wanted.LastIndexOf('.')]}{signed[signed.LastIndexOf('.')..]}";

    public sealed class Shared : IAsyncLifetime
    {
        private readonly TestFolder _folder = new();

        internal TestIssuer Issuer { get; } = new();

        internal JwtBackend Backend { get; private set; } = null!;

        internal string KeyFile => Path.Combine(_folder.Path, "keys.pem");

        public async ValueTask InitializeAsync()
        {
            await File.WriteAllTextAsync(KeyFile, Issuer.PublicPem);
            Backend = await JwtBackend.StartAsync(KeyFile);
        }

        public async ValueTask DisposeAsync()
        {
            await Backend.DisposeAsync();
            Issuer.Dispose();
            _folder.Dispose();
        }
    }
}
