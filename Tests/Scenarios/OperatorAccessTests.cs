using System.Net;
using GameStack.Tests.Backend.Access;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Scenarios;

/// <summary>Who may list and end matches where operators have a key, through the proxy and with real records.</summary>
public sealed class OperatorAccessTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const string Key = "key-of-the-operators";
    private const string KeyHeader = "Operator-Key";
    private const string TicketHeader = "Match-Ticket";

    private static readonly StackSettings Pairs = new() { SessionSize = 2 };

    private readonly TestFolder _folder = new();
    private readonly TestTickets _tickets = new();
    private readonly TestIssuer _issuer = new();

    [Fact]
    public async Task Strangers_get_the_number_of_live_matches_and_operators_their_list()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await StartAsync(stores);
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);
        var seats = await backend.Client.JoinAndWaitAsync(Players.New("player", 4), Cancelled);

        var strangers = (await proxy.Client.ActiveSessionsAsync(Cancelled)).Ok();
        Assert.Equal(["count", "sessions", "source", "note"], strangers.Body.EnumerateObject().Select(field => field.Name));
        Assert.Equal((2, 0, "redis"), (strangers.Number("count"), strangers.Field("sessions").GetArrayLength(), strangers.Text("source")));

        var list = (await CallAsync(proxy.Root, HttpMethod.Get, "api/sessions/active", KeyHeader, Key)).Ok();
        Assert.Equal(
            seats.Select(seat => seat.SessionId).Distinct().Order(),
            list.Field("sessions").EnumerateArray().Select(match => match.GetProperty("session_id").GetString()).Order());
        (await CallAsync(proxy.Root, HttpMethod.Get, "api/sessions/active", KeyHeader, Key + "x")).IsProblem(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Only_an_operator_cleans_up()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await StartAsync(stores);
        const string Call = "cleanup/orphaned-servers";

        (await backend.Client.PostAsync(Call, content: null, Cancelled)).IsProblem(HttpStatusCode.Unauthorized);
        await ContractClient.OkAsync(() => CallAsync(backend.Root, HttpMethod.Post, Call, KeyHeader, Key));
    }

    [Fact]
    public async Task A_match_is_ended_by_an_operator_or_by_a_ticket_of_its_own_and_its_record_says_which()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await StartAsync(stores);
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);
        var seats = await backend.Client.JoinAndWaitAsync(["p1", "p2", "p3", "p4"], Cancelled);
        var own = seats.First(seat => seat.Player == "p1");
        var other = seats.First(seat => seat.SessionId != own.SessionId);
        var ticket = (await backend.Client.StatusAsync("p1", Cancelled)).Ok().Text("ticket");

        (await EndAsync(own)).IsProblem(HttpStatusCode.Unauthorized);
        (await EndAsync(own, KeyHeader, Key + "x")).IsProblem(HttpStatusCode.Unauthorized);
        (await EndAsync(own, TicketHeader, "no ticket")).IsProblem(HttpStatusCode.Unauthorized);
        (await EndAsync(own, TicketHeader, OldTicket(own))).IsProblem(HttpStatusCode.Unauthorized);
        (await EndAsync(other, TicketHeader, ticket)).IsProblem(HttpStatusCode.Forbidden);
        Assert.Equal("matched", (await backend.Client.StatusAsync("p1", Cancelled)).Ok().Text("status"));

        (await EndBesideWrongKeyAsync(own, OldTicket(own))).IsProblem(HttpStatusCode.Unauthorized);
        (await EndBesideWrongKeyAsync(other, ticket)).IsProblem(HttpStatusCode.Unauthorized);

        (await EndBesideWrongKeyAsync(own, ticket)).Ok();
        (await EndAsync(own, TicketHeader, ticket)).Ok(); // Again, and with the ticket that was used.
        (await EndAsync(other, KeyHeader, Key)).Ok();
        await backend.WaitForLineAsync("Operator ", $"called POST /match/{{session_id}}/end (match {other.SessionId}) from ", "was 200");

        await stores.Matches.WaitUntilAsync(rows => rows.Count == 2 && rows.All(row => row.EndedAt is not null), "both have ended");
        Assert.Equal("player:p1", await EndedByAsync(stores, own));
        Assert.Matches("^operator:[0-9a-f]{8}$", await EndedByAsync(stores, other));

        Task<ApiAnswer> EndAsync(Seat seat, string header = "X-None", string value = "none") =>
            CallAsync(proxy.Root, HttpMethod.Post, $"api/match/{seat.SessionId}/end", header, value);

        Task<ApiAnswer> EndBesideWrongKeyAsync(Seat seat, string value) =>
            CallAsync(proxy.Root, HttpMethod.Post, $"api/match/{seat.SessionId}/end", (KeyHeader, Key + "x"), (TicketHeader, value));
    }

    [Fact]
    public async Task A_match_is_ended_by_the_token_of_its_own_player_and_by_no_other_token()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await StartAsync(
            stores, ("Players__Authentication", "Jwt"), ("Players__KeyFile", WriteKey("players.pem", _issuer.PublicPem)),
            ("Players__Issuer", TestIssuer.Name), ("Players__Audience", TestIssuer.Audience));
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);
        foreach (var player in new[] { "p1", "p2", "p3", "p4" })
        {
            (await AsPlayerAsync(player, HttpMethod.Post, "match/join")).Ok();
        }

        var own = await SeatOfAsync("p1");
        var other = await SeatOfAsync("p3");
        Assert.NotEqual(own.SessionId, other.SessionId);

        (await backend.Client.EndAsync(own.SessionId, Cancelled)).IsProblem(HttpStatusCode.Unauthorized);
        (await EndAsync("p3", own)).IsProblem(HttpStatusCode.Forbidden);
        (await EndAsync("stranger", own)).IsProblem(HttpStatusCode.Forbidden);
        Assert.Equal(own, await SeatOfAsync("p1"));

        (await EndAsync("p1", own)).Ok();
        (await EndAsync("p2", own)).Ok(); // Again, and by another player of the match.
        (await EndAsync("p4", other)).Ok();

        await stores.Matches.WaitUntilAsync(rows => rows.Count == 2 && rows.All(row => row.EndedAt is not null), "both have ended");
        Assert.Equal("player:p1", await EndedByAsync(stores, own));
        Assert.Equal("player:p4", await EndedByAsync(stores, other));

        async Task<Seat> SeatOfAsync(string player) => Seat.Of(player, await Eventually.GetAsync(
            "matched", _ => AsPlayerAsync(player, HttpMethod.Get, "match/status"), answer => answer.Text("status") == "matched",
            Waits.Patient));

        Task<ApiAnswer> EndAsync(string player, Seat seat) => AsPlayerAsync(player, HttpMethod.Post, $"match/{seat.SessionId}/end");

        Task<ApiAnswer> AsPlayerAsync(string player, HttpMethod method, string path) =>
            CallAsync(proxy.Root, method, $"api/{path}", "Authorization", $"Bearer {_issuer.Issue(player)}");
    }

    [Fact]
    public async Task With_the_development_defaults_the_id_is_enough_and_a_server_that_exits_is_named()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs);
        var seats = await backend.Client.JoinAndWaitAsync(["p1", "p2", "p3", "p4"], Cancelled);
        var first = seats[0];
        var second = seats.First(seat => seat.SessionId != first.SessionId);
        await backend.SignalServerAsync(second.SessionId, UnixSignals.Kill);

        (await backend.Client.EndAsync(first.SessionId, Cancelled)).Ok();

        await stores.Matches.WaitUntilAsync(rows => rows.Count == 2 && rows.All(row => row.EndedAt is not null), "both have ended");
        Assert.Equal("anyone", await EndedByAsync(stores, first));
        Assert.Equal("server", await EndedByAsync(stores, second));
    }

    [Fact]
    public async Task The_load_tester_ends_its_matches_with_its_tickets()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await StartAsync(stores);
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);

        await LoadTesterRun.PlayAsync(proxy.Root, clients: 4);
    }

    [Fact]
    public async Task A_browser_that_has_signed_in_through_the_proxy_reads_the_list()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await StartAsync(stores);
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);
        var list = new Uri(proxy.Root, "api/sessions/active");
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
        browser.DefaultRequestHeaders.Add("Origin", proxy.Root.GetLeftPart(UriPartial.Authority));
        using var form = new FormUrlEncodedContent([new("key", Key)]);

        using var page = await browser.PostAsync(new Uri(proxy.Root, "api/operators/sign-in"), form, Cancelled);

        Assert.Contains("You are signed in", await page.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.DoesNotContain("Only operators", await browser.GetStringAsync(list, Cancelled), StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _folder.Dispose();
            _tickets.Dispose();
            _issuer.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Task<ApiAnswer> CallAsync(Uri root, HttpMethod method, string path, string header, string value) =>
        CallAsync(root, method, path, (header, value));

    private static async Task<ApiAnswer> CallAsync(Uri root, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var client = TestHttp.ClientOf(root);
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await ApiAnswer.ReadAsync(response, TestContext.Current.CancellationToken);
    }

    private async Task<string?> EndedByAsync(BackendStores stores, Seat seat)
    {
        await using var database = NpgsqlDataSource.Create(stores.Database);
        await using var command = database.CreateCommand("SELECT ended_by FROM matches WHERE session_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(seat.SessionId) });
        return await command.ExecuteScalarAsync(Cancelled) as string;
    }

    private Task<BackendProcess> StartAsync(BackendStores stores, params (string Name, string Value)[] more) =>
        stores.StartBackendAsync(
            "backend", Pairs, [("Operators__Key", Key), ("Tickets__KeyFile", WriteKey("tickets.pem", _tickets.PrivatePem)), .. more]);

    private string WriteKey(string name, string pem)
    {
        var file = Path.Combine(_folder.Path, name);
        File.WriteAllText(file, pem);
        return file;
    }

    /// <summary>Older than a ticket may be, with all that clocks may differ.</summary>
    private string OldTicket(Seat seat) =>
        _tickets.Make(seat.Player, Guid.Parse(seat.SessionId), issuedAt: DateTimeOffset.UtcNow.AddMinutes(-7));
}
