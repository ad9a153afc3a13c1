using System.Diagnostics;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>The HTTP API against generated calls: a real backend behind the real proxy, with a real Redis and a real Postgres.</summary>
[Collection(MachineCollection.Name)]
public sealed class HttpFuzzTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int Clients = 8;
    private const int SessionSize = 64;
    private const int PatientPlayers = 40;
    private const double MaxGrowth = 150 * ProcessMemory.MiB;

    [Fact]
    public async Task Whatever_is_sent_nothing_breaks_and_nobody_who_waits_is_lost()
    {
        using var within = Waits.Within(FuzzRun.Limit);
        using var folder = new TestFolder();
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = SessionSize });
        await using var proxy = await ProxyProcess.StartAsync(
            [backend.Root], ("Tickets__PublicKeyFile", WriteTicketKey(folder)), ("Gateway__Port", "0"));
        var random = FuzzRun.RandomOf(-2);
        var players = Enumerable.Range(0, SessionSize).Select(_ => PlayerIds.Valid(random)).ToArray();
        await JoinAsync(proxy, players[..PatientPlayers], within.Token);

        await RunAsync(proxy, FuzzRun.HttpCalls / 5, firstClient: 0, within.Token);
        double[] before = [ProcessMemory.ResidentBytes(proxy.Program.Id), ProcessMemory.ResidentBytes(backend.Program.Id)];
        var clock = Stopwatch.StartNew();
        var answers = await RunAsync(proxy, FuzzRun.HttpCalls - (FuzzRun.HttpCalls / 5), firstClient: Clients, within.Token);
        double[] growth =
        [
            ProcessMemory.ResidentBytes(proxy.Program.Id) - before[0],
            ProcessMemory.ResidentBytes(backend.Program.Id) - before[1],
        ];
        FuzzRun.Print(
            $"{FuzzRun.HttpCalls} calls, the last four fifths in {clock.Elapsed.TotalSeconds:F0} s; "
            + $"answers {string.Join(", ", answers.Select(pair => $"{pair.Key}: {pair.Value}"))}");
        FuzzRun.Print(
            $"proxy {before[0] / ProcessMemory.MiB:F0} MiB and then {growth[0] / ProcessMemory.MiB:F0} more, "
            + $"backend {before[1] / ProcessMemory.MiB:F0} MiB and then {growth[1] / ProcessMemory.MiB:F0} more");

        Assert.False(proxy.Program.HasExited);
        Assert.Equal("ok", (await proxy.Client.GetAsync("/health", within.Token)).Ok().Text("status"));
        Assert.Equal("ok", (await backend.Client.GetAsync("health", within.Token)).Ok().Text("status"));
        await PlayAsync(stores, proxy, players, within.Token);
        var grown = string.Join(" and ", growth.Select(bytes => $"{bytes / ProcessMemory.MiB:F0} MiB"));
        Assert.All(growth, bytes => Assert.True(bytes < MaxGrowth, $"{FuzzRun.Name}: proxy and backend grew by {grown}."));
    }

    /// <summary>With a key for tickets, the proxy has <c>/play</c>, too.</summary>
    private static string WriteTicketKey(TestFolder folder)
    {
        using var tickets = new TestTickets();
        var file = Path.Combine(folder.Path, "tickets.pem");
        File.WriteAllText(file, tickets.PublicPem);
        return file;
    }

    private static async Task<SortedDictionary<int, int>> RunAsync(
        ProxyProcess proxy, int calls, int firstClient, CancellationToken cancellationToken)
    {
        var clients = Enumerable.Range(firstClient, Clients)
            .Select(client => new HttpFuzz(proxy.Root, FuzzRun.RandomOf(1000 + client))).ToArray();
        await Task.WhenAll(
            clients.Select(client => Task.Run(() => client.RunAsync(calls / Clients, cancellationToken), cancellationToken)));
        var failures = clients.SelectMany(client => client.Failures).DistinctBy(failure => failure.Key).ToArray();
        Assert.True(failures.Length == 0, string.Join("\n\n", failures.Select(failure => failure.Value)));
        return new(clients.SelectMany(client => client.Answers)
            .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value)));
    }

    private static async Task JoinAsync(ProxyProcess proxy, IEnumerable<string> players, CancellationToken cancellationToken)
    {
        foreach (var player in players)
        {
            Assert.Equal("pending:" + player, (await proxy.Client.JoinAsync(player, cancellationToken)).Ok().Text("session_id"));
        }
    }

    /// <summary>Those who have waited all along and those who come now fill a match, and there is nobody else in it.</summary>
    private static async Task PlayAsync(BackendStores stores, ProxyProcess proxy, string[] players, CancellationToken cancellationToken)
    {
        await JoinAsync(proxy, players[PatientPlayers..^1], cancellationToken);
        (await proxy.Client.JoinAsync(players[^1], cancellationToken)).Ok();
        var seats = new List<Seat>();
        foreach (var player in players)
        {
            seats.Add(await proxy.Client.WaitUntilMatchedAsync(player, cancellationToken));
        }

        var sessionId = Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        Assert.Equal(players, (await proxy.Client.JoinAsync(players[0], cancellationToken)).Ok().Texts("players"));
        await using (var connection = await LineClient.ConnectAsync(seats[0], cancellationToken))
        {
            Assert.Equal("RUNNING_LENGTH 1", await connection.AskAsync("REQUEST_MATCH 1"));
            Assert.Equal(["STATE running", "STATE stop"], await connection.ReadToEndAsync());
        }

        var rows = await stores.Matches.WaitUntilAsync(
            rows => rows.Any(row => row.SessionId == sessionId && row.EndedAt is not null), "the match has ended");
        Assert.Equal(players, Assert.Single(rows).Players);
    }
}
