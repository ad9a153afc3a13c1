using System.Collections.Concurrent;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios;

/// <summary>Backends that are restarted one after the other behind the proxy, while players come and go.</summary>
[Collection(MachineCollection.Name)]
public sealed class RollingRestartTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int AtOnce = 24;

    private static readonly StackSettings Settings = new() { SessionSize = 4, MinPartialSessionSize = 1, FlushWaitSeconds = 1 };

    private readonly ConcurrentDictionary<string, Gathering> _gatherings = new();
    private readonly ConcurrentBag<Seat> _seats = [];
    private readonly SemaphoreSlim _played = new(0);
    private int _calls;

    [Fact]
    public async Task No_call_at_the_proxy_fails_and_every_player_plays_while_both_backends_are_restarted()
    {
        await using var stores = await CreateStoresAsync();

        // The one on the right has no port for short calls, like a backend of an older version.
        (string Name, Uri Url, Uri? ShortUrl)[] places = [("left", Loopback(), Loopback()), ("right", Loopback(), null)];
        var backends = await Task.WhenAll(places.Select(place => StartAsync(stores, place.Name, place.Url, place.ShortUrl)));
        await using var proxy = await ProxyProcess.StartAsync(
            [.. places.Select(place => place.Url)],
            [.. places.Select((place, i) => ($"services__backend__short__{i}", (place.ShortUrl ?? Loopback()).AbsoluteUri))]);
        using var door = new ContractClient(proxy.Root);
        await proxy.Program.WaitUntilHealthyAsync(door, Waits.Patient);

        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => PlayOnAsync(proxy.Client, enough.Token)));
        try
        {
            await PlayMoreAsync(load);
            for (var i = 0; i < places.Length; i++)
            {
                var exit = backends[i].StopAsync();
                Assert.Equal(0, await exit);
                await backends[i].DisposeAsync();
                await PlayMoreAsync(load);
                backends[i] = await StartAsync(stores, places[i].Name, places[i].Url, places[i].ShortUrl);
                await PlayMoreAsync(load);
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
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_calls} calls at the proxy, {_seats.Count} players in {rows.Count} matches: 0 calls failed, 0 players lost");
    }

    /// <summary>An address that is the same after a restart.</summary>
    private static Uri Loopback() => new($"http://127.0.0.1:{FreePort.Next()}/");

    private static Task<BackendProcess> StartAsync(BackendStores stores, string name, Uri url, Uri? shortUrl) => BackendProcess.StartAsync(
        name, stores, Settings, ("ASPNETCORE_URLS", $"{url};{shortUrl}"), ("ShortCalls__Port", $"{shortUrl?.Port}"),
        ("Shutdown__DrainSeconds", "5"), ("GameServers__DrainSeconds", "60"), ("Matchmaking__LeaseSeconds", "60"));

    private async Task PlayOnAsync(ContractClient client, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var player = Players.New("player");
            await AskAsync(() => client.JoinAsync(player, Cancelled));
            ApiAnswer status;
            do
            {
                status = await AskAsync(() => client.StatusAsync(player, seconds: 10, Cancelled));
            }
            while (status.Text("status") == "pending");

            var seat = Seat.Of(player, status);
            var match = await AskAsync(() => client.JoinAsync(player, Cancelled));
            Assert.Equal(seat.SessionId, match.Text("session_id"));
            await using var connection = await LineClient.ConnectAsync(seat, Cancelled);
            Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));

            // The last to come ends the match: nobody is turned away because another one was quick.
            var gathering = _gatherings.GetOrAdd(seat.SessionId, _ => new Gathering(match.Texts("players").Length));
            if (gathering.Arrive())
            {
                await AskAsync(() => client.EndAsync(seat.SessionId, Cancelled));
            }

            Assert.Equal(["STATE stop"], await connection.ReadToEndAsync());
            _seats.Add(seat);
            _played.Release();
        }
    }

    private Task<ApiAnswer> AskAsync(Func<Task<ApiAnswer>> call)
    {
        Interlocked.Increment(ref _calls);
        return ContractClient.OkUnlessBusyAsync(call);
    }

    /// <summary>Waits until as many have played from now on as play at once, or a call has failed.</summary>
    private async Task PlayMoreAsync(Task load)
    {
        while (await _played.WaitAsync(TimeSpan.Zero, Cancelled))
        {
            // Those who have played before do not count.
        }

        for (var i = 0; i < AtOnce; i++)
        {
            var played = _played.WaitAsync(Cancelled);
            await await Task.WhenAny(load, played);
            await played;
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
