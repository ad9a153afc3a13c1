using System.Net;
using GameStack.Contracts.Api;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios;

public sealed class OneBackendTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    [Fact]
    public async Task Players_too_few_for_a_full_match_are_flushed_into_a_smaller_one_with_nobody_else_joining()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 5, FlushWaitSeconds = 10 });
        var players = Players.New("early", 3);

        // One after the other: the wait of the first one counts for all.
        foreach (var player in players)
        {
            Assert.Equal("pending:" + player, (await backend.Client.JoinAsync(player, Cancelled)).Ok().Text("session_id"));
        }

        var seats = await Task.WhenAll(players.Select(player => backend.Client.WaitUntilMatchedAsync(player, Cancelled)));

        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        var match = (await backend.Client.JoinAsync(players[0], Cancelled)).Ok();
        Assert.Equal(players, match.Texts("players"));
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_server_that_belongs_to_a_match_is_not_cleaned_up()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 2 });
        var seats = await backend.Client.JoinAndWaitAsync(Players.New("player", 2), Cancelled);

        var answer = await ContractClient.OkAsync(
            () => backend.Client.PostAsync("cleanup/orphaned-servers", content: null, Cancelled));

        Assert.Equal(0, answer.Number("cleaned"));
        Assert.NotEmpty(answer.Text("message"));
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task Matches_that_ended_long_ago_are_deleted_and_a_match_in_play_is_not()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 2 });
        var old = Players.New("old", 2);
        var seats = await backend.Client.JoinAndWaitAsync(old, Cancelled);
        (await backend.Client.EndAsync(seats[0].SessionId, Cancelled)).Ok();
        await stores.Matches.WaitUntilAsync(rows => rows is [{ EndedAt: not null }], "the match has ended");
        await stores.Matches.ExecuteAsync("UPDATE matches SET ended_at = now() - interval '31 days'", Cancelled);
        var live = await backend.Client.JoinAndWaitAsync(Players.New("live", 2), Cancelled);
        await stores.Matches.WaitUntilAsync(rows => rows.Count == 2, "the next match is recorded");
        await stores.Matches.ExecuteAsync("UPDATE matches SET created_at = now() - interval '31 days'", Cancelled);

        await using var another = await stores.StartBackendAsync("another", new StackSettings { SessionSize = 2 },
            ("Records__KeepDays", "30"));

        var row = Assert.Single(await stores.Matches.WaitUntilAsync(rows => rows.Count == 1, "the old match is deleted"));
        Assert.Equal(live[0].SessionId, row.SessionId);
        Assert.Equal("ended", (await another.Client.EndAsync(live[0].SessionId, Cancelled)).Ok().Text("status"));
    }

    [Fact]
    public async Task Without_Redis_the_records_without_an_end_are_listed_page_by_page()
    {
        await using var all = await CreateStoresAsync();
        await using var stores = new BackendStores($"127.0.0.1:{FreePort.Next()}", all.Database);
        await stores.Matches.ExecuteAsync(
            "CREATE TABLE matches (session_id uuid PRIMARY KEY, players_json jsonb, game_server_pod text, created_at timestamptz, "
            + "ended_at timestamptz)",
            Cancelled);
        await stores.Matches.ExecuteAsync(
            "INSERT INTO matches SELECT gen_random_uuid(), '[]', 'server', now() - i * interval '1 min' FROM generate_series(1, 5) AS i",
            Cancelled);
        await using var backend = await BackendProcess.StartAsync("backend", stores, new StackSettings { SessionSize = 2 });
        await Eventually.IsAsync(
            "records", async token => (await backend.Client.ActiveSessionsAsync(token)).Code == HttpStatusCode.OK, Waits.Patient);

        var (listed, path, pages) = (new List<string>(), "sessions/active?limit=2", 0);
        for (; path is not null; pages++)
        {
            var page = (await backend.Client.GetAsync(path, Cancelled)).Ok();
            Assert.Equal("postgres", page.Text("source"));
            listed.AddRange(page.Field("sessions").EnumerateArray().Select(session => session.GetProperty("session_id").GetString()!));
            path = page.Body.TryGetProperty("next", out var next) ? $"sessions/active?limit=2&after={next}" : null;
        }

        Assert.Equal((3, 5, 5), (pages, listed.Count, listed.Distinct().Count()));
        await stores.Matches.ExecuteAsync("UPDATE matches SET ended_at = now()", Cancelled);
        var after = (await backend.Client.GetAsync($"sessions/active?after={listed[0]}", Cancelled)).Ok();
        Assert.Equal(("postgres", 0), (after.Text("source"), after.Number("count")));
    }

    [Theory]
    [InlineData("health")]
    [InlineData("alive")]
    [InlineData("sessions/active")]
    [InlineData("match/status")]
    [InlineData("match/status?player_id=stranger")] // 503: Postgres is unavailable.
    [InlineData("nowhere")]
    public async Task Every_answer_of_a_backend_has_its_mark(string path)
    {
        await using var all = await CreateStoresAsync();
        await using var stores = new BackendStores(all.Redis, "Host=127.0.0.1;Port=1;Username=nobody");
        await using var backend = await BackendProcess.StartAsync("backend", stores, new StackSettings { SessionSize = 2 });

        using var answer = await backend.Http.GetAsync(path, Cancelled);

        Assert.Equal([BackendMark.Value], answer.Headers.GetValues(BackendMark.Header));
    }

    [Theory]
    [InlineData("CREATE TABLE matches (session_id text PRIMARY KEY, players_json text)")]
    [InlineData(
        "CREATE TABLE matches (session_id varchar(64) PRIMARY KEY, players_json jsonb NOT NULL, created_at timestamptz DEFAULT now())")]
    [InlineData(
        "CREATE TABLE matches (session_id uuid PRIMARY KEY, players_json text NOT NULL, backend_pod text, game_server_pod text, "
        + "created_at timestamp, ended_at timestamp)")]
    public async Task An_older_database_is_brought_up_to_date_and_keeps_its_rows(string table)
    {
        const string Old = "6f0c1f2e-8d0b-4a52-9d53-0a1b2c3d4e5f";
        await using var stores = await CreateStoresAsync();
        await stores.Matches.ExecuteAsync(table, Cancelled);
        await stores.Matches.ExecuteAsync($"""INSERT INTO matches (session_id, players_json) VALUES ('{Old}', '["a","b"]')""", Cancelled);

        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 2 });
        var players = Players.New("new", 2);
        var seats = await backend.Client.JoinAndWaitAsync(players, Cancelled);
        (await backend.Client.EndAsync(seats[0].SessionId, Cancelled)).Ok();

        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Any(row => row.SessionId == seats[0].SessionId && row.EndedAt is not null), "the new match has ended");
        Assert.Equal(2, rows.Count);
        Assert.Equal(["a", "b"], rows.Single(row => row.SessionId == Old).Players);
        Assert.Equal(
            players.Order(StringComparer.Ordinal),
            rows.Single(row => row.SessionId != Old).Players.Order(StringComparer.Ordinal));
    }
}
