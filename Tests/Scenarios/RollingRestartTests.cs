using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>Backends that are restarted one after the other behind the proxy, while players come and go.</summary>
[Collection(MachineCollection.Name)]
public sealed class RollingRestartTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int AtOnce = 24;

    private static readonly StackSettings Settings = new() { SessionSize = 4, MinPartialSessionSize = 1, FlushWaitSeconds = 1 };

    private readonly ConcurrentDictionary<string, Gathering> _gatherings = new();
    private readonly ConcurrentBag<Seat> _seats = [];
    private int _calls;

    [Fact]
    public async Task No_call_at_the_proxy_fails_and_every_player_plays_while_both_backends_are_restarted()
    {
        await using var stores = await CreateStoresAsync();
        (string Name, Uri Url)[] places = [("left", Loopback()), ("right", Loopback())];
        var backends = await Task.WhenAll(places.Select(place => StartAsync(stores, place.Name, place.Url)));
        await using var proxy = RunningProgram.Start("Proxy", new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["services__backend__http__0"] = places[0].Url.AbsoluteUri,
            ["services__backend__http__1"] = places[1].Url.AbsoluteUri,
        });
        var door = await proxy.WaitForLineAsync(BackendProgram.ReadRoot, "listening", Waits.Patient);
        using var client = new ContractClient(new Uri(door, "api/"));
        await WaitUntilHealthyAsync(door);

        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => PlayOnAsync(client, enough.Token)));
        try
        {
            await PlayedAsync(load, AtOnce);
            for (var i = 0; i < places.Length; i++)
            {
                var exit = backends[i].StopAsync();
                Assert.Equal(0, await exit);
                await backends[i].DisposeAsync();
                await PlayedAsync(load, _seats.Count + AtOnce);
                backends[i] = await StartAsync(stores, places[i].Name, places[i].Url);
                await PlayedAsync(load, _seats.Count + AtOnce);
            }

            await enough.CancelAsync();
            await load;
        }
        finally
        {
            await enough.CancelAsync();
            foreach (var backend in backends)
            {
                await backend.DisposeAsync();
            }
        }

        // The players' own story and the records are the same: everybody played, in one match, and every match has ended.
        var rows = await stores.Matches.WaitUntilAsync(rows => rows.All(row => row.EndedAt is not null), "every match has ended");
        Assert.Equal(
            _seats.Select(seat => (seat.Player, seat.SessionId)).Order(),
            rows.SelectMany(row => row.Players.Select(player => (player, row.SessionId))).Order());
        TestContext.Current.TestOutputHelper?.WriteLine($"{_calls} calls at the proxy, {_seats.Count} players in {rows.Count} matches: 0 calls failed, 0 players lost");
    }

    /// <summary>An address that is the same after a restart, on a port that is free now.</summary>
    private static Uri Loopback()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{listener.LocalEndpoint}/"));
    }

    private static Task<BackendProcess> StartAsync(BackendStores stores, string name, Uri url) => BackendProcess.StartAsync(
        name, stores, Settings, ("ASPNETCORE_URLS", url.AbsoluteUri), ("Shutdown__DrainSeconds", "5"), ("GameServers__DrainSeconds", "60"),
        ("Matchmaking__LeaseSeconds", "60"));

    private async Task PlayOnAsync(ContractClient client, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var player = Players.New("player");
            await AskAsync(client.JoinAsync(player, Cancelled));
            ApiAnswer status;
            do
            {
                status = await AskAsync(client.StatusAsync(player, seconds: 10, Cancelled));
            }
            while (status.Text("status") == "pending");

            var seat = Seat.Of(player, status);
            var match = await AskAsync(client.JoinAsync(player, Cancelled));
            Assert.Equal(seat.SessionId, match.Text("session_id"));
            using var connection = await GameConnection.ConnectAsync(seat, Cancelled);
            Assert.Equal("STATE open", await connection.AskAsync("GET_STATE", Cancelled));

            // The last to come ends the match: nobody is turned away because another one was quick.
            var gathering = _gatherings.GetOrAdd(seat.SessionId, _ => new Gathering(match.Texts("players").Length));
            if (gathering.Arrive())
            {
                await AskAsync(client.EndAsync(seat.SessionId, Cancelled));
            }

            Assert.Equal(["STATE stop"], await connection.ReadToEndAsync(Cancelled));
            _seats.Add(seat);
        }
    }

    private async Task<ApiAnswer> AskAsync(Task<ApiAnswer> call)
    {
        Interlocked.Increment(ref _calls);
        return (await call).Ok();
    }

    /// <summary>Waits until so many have played, or a call has failed.</summary>
    private async Task PlayedAsync(Task load, int count)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (_seats.Count < count)
        {
            if (load.IsFaulted)
            {
                await load;
            }

            await timer.WaitForNextTickAsync(Cancelled);
        }
    }

    /// <summary>Waits until the proxy has seen both backends, and so both share the load.</summary>
    private async Task WaitUntilHealthyAsync(Uri door)
    {
        using var client = new ContractClient(door);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await client.GetAsync("health", Cancelled)).Code != HttpStatusCode.OK)
        {
            await timer.WaitForNextTickAsync(Cancelled);
        }
    }

    /// <summary>The players of one match, who wait for each other.</summary>
    private sealed class Gathering(int size)
    {
        private int _missing = size;

        /// <summary>Whether this is the last one.</summary>
        public bool Arrive() => Interlocked.Decrement(ref _missing) == 0;
    }
}
