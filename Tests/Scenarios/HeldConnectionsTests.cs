using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GameStack.ServiceDefaults.Calling;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>Clients that hold as many connections as they get, against a proxy with few descriptors.</summary>
[Collection(MachineCollection.Name)]
public sealed class HeldConnectionsTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int Streams = 10_000;
    private const int AtOnce = 200;
    private const string Descriptors = "2000";

    /// <summary>The flood comes from 127.0.0.2, the players from 127.0.0.1.</summary>
    [Fact]
    public async Task Ten_thousand_streams_from_one_address_end_nobodys_match_and_no_other_players_calls()
    {
        await using var stores = await CreateStoresAsync();
        var settings = new StackSettings { SessionSize = 100, MinPartialSessionSize = 1, FlushWaitSeconds = 1 };
        await using var backend = await stores.StartBackendAsync("backend", settings);
        await using var proxy = StartProxy(backend.Root, ("RateLimit__LimitLoopback", "true"));
        using var client = new ContractClient(new Uri(await proxy.WaitUntilListeningAsync(), "api/"));

        var seats = await client.JoinAndWaitAsync(Players.New("player", 4), Cancelled);
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("RUNNING_LENGTH 300", await connection.AskAsync("REQUEST_MATCH 300"));
        var events = client.WaitUntilEndedAsync(seats[0].Player, Cancelled);
        var ghosts = Players.New("ghost", 99);
        foreach (var ghost in ghosts)
        {
            (await backend.Client.JoinAsync(ghost, Cancelled)).Ok();
        }

        using var over = new CancellationTokenSource();
        var others = CallUntilAsync(client, seats[1].Player, over.Token);
        using var flood = await Flood.SendAsync(client.Root, IPAddress.Parse("127.0.0.2"), ghosts, Streams, Cancelled);

        // A fresh group plays a whole match, while the streams are held.
        var later = await client.JoinAndWaitAsync(Players.New("later", 4), Cancelled);
        await using (var game = await LineClient.ConnectAsync(later[0], Cancelled))
        {
            Assert.Equal("RUNNING_LENGTH 1", await game.AskAsync("REQUEST_MATCH 1"));
            Assert.Equal(["STATE running", "STATE stop"], await game.ReadToEndAsync());
        }

        await over.CancelAsync();
        Assert.InRange(await others, 1, int.MaxValue);
        Assert.Equal(Streams, flood.Answers.Values.Sum());
        Assert.InRange(flood.Answers.GetValueOrDefault(HttpStatusCode.TooManyRequests), 1, Streams);
        Assert.Equal("STATE running", await connection.ReadLineAsync());
        Assert.Equal("STATE running", await connection.AskAsync("GET_STATE"));
        Assert.False(events.IsCompleted);
        (await client.EndAsync(seats[0].SessionId, Cancelled)).Ok();
        await events.WaitAsync(Waits.Patient, Cancelled);
        Assert.False(proxy.HasExited);
    }

    /// <summary>Loopback clients have no share of their own here, so the streams take every slot that there is.</summary>
    [Fact]
    public async Task A_full_proxy_refuses_newcomers_keeps_its_streams_and_answers_probes()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 100 });
        await using var proxy = StartProxy(backend.Root);
        var root = await proxy.WaitUntilListeningAsync();
        using var client = new ContractClient(new Uri(root, "api/"));
        var waiting = Players.New("waiting", 90);
        foreach (var player in waiting)
        {
            (await backend.Client.JoinAsync(player, Cancelled)).Ok();
        }

        await using var events = client.EventsAsync(waiting[0], Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.Equal("pending", await NextAsync(events));
        using var flood = await Flood.SendAsync(client.Root, IPAddress.Loopback, waiting[1..], Streams, Cancelled);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable],
            flood.Answers.Keys.Where(status => status != Flood.ClosedAtOnce).Order());
        using var probes = TestHttp.ClientOf(root);
        using var alive = await probes.GetAsync("/alive", Cancelled);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        foreach (var player in Players.New("last", 10))
        {
            (await backend.Client.JoinAsync(player, Cancelled)).Ok();
        }

        var status = await NextAsync(events);
        while (status == "pending")
        {
            status = await NextAsync(events);
        }

        Assert.Equal("matched", status);
        Assert.False(proxy.HasExited);
    }

    private static async Task<string?> NextAsync(IAsyncEnumerator<JsonElement> events)
    {
        Assert.True(await events.MoveNextAsync());
        return events.Current.GetProperty("status").GetString();
    }

    private static RunningProgram StartProxy(Uri backend, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["BACKEND_URL"] = backend.AbsoluteUri,
            ["Shutdown__DrainSeconds"] = "0",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return RunningProgram.StartCommand(
            ["/bin/sh", "-c", $"ulimit -n {Descriptors} && exec \"$0\"", ProductPrograms.PathOf("Proxy")], environment);
    }

    /// <summary>Asks for a player's status again and again; returns how often. Any other answer than 200 fails the test.</summary>
    private async Task<int> CallUntilAsync(ContractClient client, string player, CancellationToken over)
    {
        var calls = 0;
        while (!over.IsCancellationRequested)
        {
            await ContractClient.OkUnlessBusyAsync(() => client.StatusAsync(player, Cancelled));
            calls++;
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancelled);
        }

        return calls;
    }

    /// <summary>Event streams, each over a connection of its own, which are held until the test is over.</summary>
    private sealed class Flood : IDisposable
    {
        /// <summary>Stands for a connection that was closed without an answer.</summary>
        public const HttpStatusCode ClosedAtOnce = HttpStatusCode.Unused;

        private readonly HttpClient _http;
        private readonly List<HttpResponseMessage> _held = [];
        private readonly Lock _gate = new();

        private Flood(IPAddress from) => _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(from, 0));
                    await ClientConnection.ConnectAsync(socket, context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        });

        /// <summary>How many streams got which answer.</summary>
        public Dictionary<HttpStatusCode, int> Answers { get; } = [];

        /// <param name="root">The match API.</param>
        /// <param name="from">The address that the streams come from.</param>
        /// <param name="players">The players of the streams, in turn.</param>
        /// <param name="count">How many to open.</param>
        /// <param name="cancellationToken">Ends the flood.</param>
        public static async Task<Flood> SendAsync(
            Uri root, IPAddress from, string[] players, int count, CancellationToken cancellationToken)
        {
            var flood = new Flood(from);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(Enumerable.Range(0, count), parallel, async (i, token) =>
            {
                var stream = new Uri(root, $"match/events?player_id={players[i % players.Length]}");
                await flood.OpenAsync(stream, token);
            });
            return flood;
        }

        public void Dispose()
        {
            foreach (var response in _held)
            {
                response.Dispose();
            }

            _http.Dispose();
        }

        private async Task OpenAsync(Uri stream, CancellationToken cancellationToken)
        {
            var answer = ClosedAtOnce;
            try
            {
                var response = await _http.GetAsync(stream, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                answer = response.StatusCode;
                if (answer != HttpStatusCode.OK)
                {
                    response.Dispose();
                }
                else
                {
                    lock (_gate)
                    {
                        _held.Add(response);
                    }
                }
            }
            catch (HttpRequestException)
            {
                // The connection was closed.
            }

            lock (_gate)
            {
                Answers[answer] = Answers.GetValueOrDefault(answer) + 1;
            }
        }
    }
}
