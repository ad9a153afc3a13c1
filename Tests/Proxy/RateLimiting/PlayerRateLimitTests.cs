using System.Net;
using System.Text;
using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy.RateLimiting;

/// <summary>The limits that depend on the player of a call. The stand-in backend answers everything with 200.</summary>
public sealed class PlayerRateLimitTests
{
    private const string TrustLoopback = "TrustedProxies=127.0.0.0/8";
    private const string OnePlayerMore = "RateLimit:NewPlayersPerSecond=1";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_players_join_from_an_address_only_so_fast_and_others_are_not_affected()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, OnePlayerMore, "RateLimit:NewPlayersBurst=20");

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 200; i++)
        {
            answers.Add(await JoinAsync(proxy, "203.0.113.7", $"ghost{i}"));
        }

        Assert.All(answers.Take(20), answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.InRange(answers.Count(answer => answer == HttpStatusCode.OK), 20, 60);
        Assert.Equal(HttpStatusCode.OK, await JoinAsync(proxy, "203.0.113.8", "p1"));
    }

    [Fact]
    public async Task A_client_with_many_IPv6_networks_brings_in_new_players_only_so_fast()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, OnePlayerMore, "RateLimit:NewPlayersBurst=20");

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 200; i++)
        {
            answers.Add(await JoinAsync(proxy, $"2001:db8:1:{i:x}::1", $"ghost{i}"));
        }

        Assert.All(answers.Take(40), answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.InRange(answers.Count(answer => answer == HttpStatusCode.OK), 40, 120);
        Assert.Equal(HttpStatusCode.OK, await JoinAsync(proxy, "2001:db8:2::1", "p1"));
    }

    [Fact]
    public async Task A_player_over_the_limit_is_told_which_one_and_when_to_come_back()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, OnePlayerMore, "RateLimit:NewPlayersBurst=1");
        var next = 0;
        HttpResponseMessage response;
        do
        {
            response = await SendJoinAsync(proxy, "203.0.113.7", Json($"p{next++}"));
        }
        while (response.StatusCode == HttpStatusCode.OK && next < 100); // On a busy machine, there may be a second between two.

        await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, response);
        Assert.Contains("Too many new players join from this address.", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.InRange(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 2);
    }

    [Fact]
    public async Task A_player_who_has_joined_may_join_again_and_call_whatever_the_others_do()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, OnePlayerMore, "RateLimit:NewPlayersBurst=1");
        await JoinAsync(proxy, "203.0.113.7", "p1");

        var others = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            others.Add(await JoinAsync(proxy, "203.0.113.7", $"ghost{i}"));
            Assert.Equal(HttpStatusCode.OK, await JoinAsync(proxy, "203.0.113.7", "p1"));
            Assert.Equal(HttpStatusCode.OK, await PollAsync(proxy, "203.0.113.7", "p1"));
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, others);
    }

    /// <summary>The backend reads names without regard to case and takes the last one.</summary>
    [Theory]
    [InlineData("""{"player_id":"p1","PLAYER_ID":"ghost#"}""")]
    [InlineData("""{"player_id":"p1","player_id":"ghost#"}""")]
    [InlineData("""{"Player_Id":"ghost#"}""")]
    [InlineData("""{"player_id":"p1"}#""")]
    [InlineData("""{"player_id":#}""")]
    [InlineData("#")]
    public async Task A_join_cannot_hide_whose_it_is(string body)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, OnePlayerMore, "RateLimit:NewPlayersBurst=5");
        await JoinAsync(proxy, "203.0.113.7", "p1");

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 50; i++)
        {
            using var response = await SendJoinAsync(proxy, "203.0.113.7", body.Replace("#", $"{i}", StringComparison.Ordinal));
            answers.Add(response.StatusCode);
        }

        Assert.InRange(answers.Count(answer => answer == HttpStatusCode.OK), 1, 25);
    }

    [Fact]
    public async Task The_body_of_a_join_reaches_the_backend_as_it_came()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback);

        await JoinAsync(proxy, "203.0.113.7", "p1");

        Assert.Equal(Json("p1"), Assert.Single(backend.Requests).Body);
    }

    [Theory]
    [InlineData("/api/match/status?player_id=p1")]
    [InlineData("/api/match/events?player_id=p1")]
    public async Task One_player_is_polled_only_so_often_from_an_address_and_the_others_are_not_affected(string poll)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, TrustLoopback, "RateLimit:PlayerCallsPerSecond=1", "RateLimit:PlayerBurst=10");

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 100; i++)
        {
            answers.Add(await GetAsync(proxy, "203.0.113.7", poll));
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);

        // Players are counted together when their hashes agree, as one in 4,096 does.
        HttpStatusCode[] others = [await PollAsync(proxy, "203.0.113.7", "p2"), await PollAsync(proxy, "203.0.113.7", "p3")];
        Assert.Contains(HttpStatusCode.OK, others);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(proxy, "203.0.113.8", poll));
    }

    [Fact]
    public async Task Calls_that_leave_the_player_to_a_token_are_counted_by_the_token()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, TrustLoopback, "RateLimit:PlayerCallsPerSecond=1", "RateLimit:PlayerBurst=10", OnePlayerMore,
            "RateLimit:NewPlayersBurst=2");
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
        {
            answers.Add(await CallAsync(HttpMethod.Get, "/api/match/status", "token-1"));
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(HttpMethod.Get, "/api/match/status", "token-2"));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await CallAsync(HttpMethod.Post, "/api/match/join", "token-3"));
        }

        async Task<HttpStatusCode> CallAsync(HttpMethod method, string path, string token)
        {
            var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Authorization", $"Bearer {token}");
            using var response = await SendAsync(proxy, "203.0.113.7", request);
            return response.StatusCode;
        }
    }

    /// <summary>Each joins, then polls twice a second: as fast as the contract says, and as this machine can.</summary>
    [Fact]
    public async Task A_thousand_players_behind_one_address_poll_without_a_refusal()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback);
        string[] players = [.. Enumerable.Range(0, 1000).Select(i => $"player-{i}")];
        var answers = new List<HttpStatusCode>();

        for (var poll = 0; poll < 3; poll++)
        {
            var begun = TimeProvider.System.GetTimestamp();
            foreach (var some in players.Chunk(50))
            {
                answers.AddRange(await Task.WhenAll(some.Select(player => PollAsync(proxy, "203.0.113.7", player))));
            }

            var left = TimeSpan.FromSeconds(0.5) - TimeProvider.System.GetElapsedTime(begun);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, Cancelled);
        }

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
    }

    [Fact]
    public async Task By_default_two_hundred_joins_a_second_bring_in_few_ghosts()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback);

        var begun = TimeProvider.System.GetTimestamp();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 1000; i++)
        {
            answers.Add(await JoinAsync(proxy, "203.0.113.7", $"ghost{i}"));
        }

        var seconds = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        Assert.InRange(answers.Count(answer => answer == HttpStatusCode.OK), 200, 200 + (10 * (seconds + 1)));
    }

    [Theory]
    [InlineData("RateLimit:NewPlayersPerSecond=0", "RateLimit:PlayerCallsPerSecond=0", "RateLimit:PermitsPerSecond=0", "203.0.113.7")]
    [InlineData("RateLimit:NewPlayersBurst=1", "RateLimit:PlayerBurst=1", "RateLimit:NewPlayersPerSecond=1", null)]
    public async Task Limits_that_are_off_and_loopback_clients_are_not_limited(string one, string two, string three, string? client)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, one, two, three);

        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await JoinAsync(proxy, client, $"p{i}"));
            Assert.Equal(HttpStatusCode.OK, await PollAsync(proxy, client, "p"));
        }
    }

    private static string Json(string player) => $$"""{"player_id": "{{player}}"}""";

    private static Task<HttpStatusCode> PollAsync(RunningProxy proxy, string? client, string player) =>
        GetAsync(proxy, client, $"/api/match/status?player_id={player}");

    private static async Task<HttpStatusCode> JoinAsync(RunningProxy proxy, string? client, string player)
    {
        using var response = await SendJoinAsync(proxy, client, Json(player));
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> GetAsync(RunningProxy proxy, string? client, string path)
    {
        using var response = await SendAsync(proxy, client, new HttpRequestMessage(HttpMethod.Get, path));
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> SendJoinAsync(RunningProxy proxy, string? client, string body) =>
        SendAsync(proxy, client, new HttpRequestMessage(HttpMethod.Post, "/api/match/join")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        });

    private static async Task<HttpResponseMessage> SendAsync(RunningProxy proxy, string? client, HttpRequestMessage request)
    {
        using (request)
        {
            if (client is not null)
                request.Headers.Add("X-Forwarded-For", client);
            return await proxy.Client.SendAsync(request, Cancelled).WaitAsync(Waits.Patient, Cancelled);
        }
    }
}
