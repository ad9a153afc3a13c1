using System.Globalization;
using System.Net;
using GameStack.Backend.Access;
using GameStack.Backend.Api;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Api;

public sealed class SessionEndpointsTests : IAsyncLifetime
{
    private readonly MemoryBackend _memory = new(TestRules.Of(size: 1, min: 1), new FakeTimeProvider());
    private WebApplication _app = null!;
    private ContractClient _client = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Operators:Access"] = "Anyone";
        builder.AddOperators();
        builder.AddApi();
        builder.Services.AddSingleton<IMatchQueue>(_memory.Queue);
        builder.Services.AddSingleton<IMatchRecords, NullMatchRecords>();
        _app = builder.Build();
        _app.MapSessionEndpoints();
        await _app.StartAsync(Cancelled);
        _client = new ContractClient(new Uri(_app.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Up_to_a_thousand_matches_are_in_one_answer_as_ever(int matches)
    {
        await PlayAsync(matches);

        var answer = (await _client.ActiveSessionsAsync(Cancelled)).Ok();

        Assert.Equal(["count", "sessions", "source", "note"], answer.Body.EnumerateObject().Select(field => field.Name));
        Assert.Equal(matches, answer.Number("count"));
        Assert.Equal(matches, answer.Field("sessions").GetArrayLength());
    }

    [Fact]
    public async Task Beyond_a_thousand_the_answer_says_how_to_get_the_rest()
    {
        await PlayAsync(1003);

        var first = (await _client.ActiveSessionsAsync(Cancelled)).Ok();
        var second = (await _client.GetAsync($"sessions/active?after={first.Text("next")}", Cancelled)).Ok();

        Assert.Equal((1000, 3), (first.Number("count"), second.Number("count")));
        Assert.Equal(first.Text("next"), Ids(first)[^1]);
        Assert.Equal(1003, Ids(first).Concat(Ids(second)).Distinct().Count());
        Assert.False(second.Body.TryGetProperty("next", out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task A_limit_gives_pages_of_that_size(int limit)
    {
        var live = await PlayAsync(7);
        var (listed, path) = (new List<string>(), $"sessions/active?limit={limit}");
        while (true)
        {
            var page = (await _client.GetAsync(path, Cancelled)).Ok();
            Assert.InRange(page.Number("count"), 1, limit);
            listed.AddRange(Ids(page));
            if (!page.Body.TryGetProperty("next", out var next))
            {
                break;
            }

            path = $"sessions/active?limit={limit}&after={next.GetString()}";
        }

        Assert.Equal(live.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("limit=")]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=1001")]
    [InlineData("limit=1.5")]
    [InlineData("limit=+1")]
    [InlineData("limit=%201")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("limit=ten")]
    [InlineData("limit=1&limit=2")]
    [InlineData("after=")]
    [InlineData("after=pending:p1")]
    [InlineData("after=1")]
    [InlineData("after={6f0c1f2e-8d0b-4a52-9d53-0a1b2c3d4e5f}")]
    [InlineData("limit=10&after=6f0c1f2e-8d0b-4a52-9d53-0a1b2c3d4e5")]
    public async Task A_bad_value_is_a_problem_that_says_what_is_expected(string query)
    {
        var answer = await _client.GetAsync("sessions/active?" + query, Cancelled);

        answer.IsProblem(HttpStatusCode.BadRequest);
        Assert.StartsWith(query.Contains("after", StringComparison.Ordinal) ? "after must be" : "limit must be", answer.Text("detail"));
    }

    private static string[] Ids(ApiAnswer answer) =>
        [.. answer.Field("sessions").EnumerateArray().Select(session => session.GetProperty("session_id").GetString()!)];

    private async Task<IReadOnlyList<string>> PlayAsync(int count)
    {
        List<string> live = [];
        for (var i = 0; i < count; i++)
        {
            var claim = await MatchQueueTests.FormAsync(_memory.Queue, i.ToString(CultureInfo.InvariantCulture));
            Assert.True(await _memory.Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Cancelled));
            live.Add(claim.MatchId.ToString());
        }

        return live;
    }
}
