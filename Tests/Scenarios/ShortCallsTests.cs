using System.Net;
using GameStack.Contracts.Api;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios;

/// <summary>Backends with a port for short calls, behind the proxy.</summary>
[Collection(MachineCollection.Name)]
public sealed class ShortCallsTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int AtOnce = 16;

    private static readonly StackSettings Settings = new() { SessionSize = 100, MinPartialSessionSize = 100, FlushWaitSeconds = 60 };

    private int _calls;

    [Fact]
    public async Task The_port_speaks_only_HTTP_2_and_answers_as_the_other_one_does()
    {
        await using var stores = await CreateStoresAsync();
        var url = Loopback();
        await using var backend = await StartAsync(stores, "backend", url);
        using var client = TestHttp.ClientOf(url);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.DefaultRequestVersion = HttpVersion.Version20;

        using var answer = await client.GetAsync("/match/status?player_id=nobody", Cancelled);

        Assert.Equal((HttpStatusCode.NotFound, HttpVersion.Version20), (answer.StatusCode, answer.Version));
        Assert.True(answer.Headers.Contains(BackendMark.Header));
        using var old = TestHttp.ClientOf(url);
        using var refusal = await old.GetAsync("/match/status?player_id=nobody", Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refusal.StatusCode);
    }

    [Fact]
    public async Task A_backend_that_is_killed_under_load_costs_no_call()
    {
        await using var stores = await CreateStoresAsync();
        (string Name, Uri ShortUrl)[] places = [("left", Loopback()), ("right", Loopback())];
        await using var left = await StartAsync(stores, places[0].Name, places[0].ShortUrl);
        await using var right = await StartAsync(stores, places[1].Name, places[1].ShortUrl);
        await using var proxy = await ProxyProcess.StartAsync(
            [left.Root, right.Root], [.. places.Select((place, i) => ($"services__backend__short__{i}", place.ShortUrl.AbsoluteUri))]);
        using var door = new ContractClient(proxy.Root);
        await proxy.Program.WaitUntilHealthyAsync(door, Waits.Patient);

        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => JoinOnAsync(proxy.Client, enough.Token)));
        await CallMoreAsync(load);
        left.Program.Signal(UnixSignals.Kill);
        await proxy.Program.WaitForLineAsync(
            line => line.Contains($"does not answer at {places[0].ShortUrl}", StringComparison.Ordinal) ? line : null,
            "the port is closed", Waits.Patient);
        await CallMoreAsync(load);
        await enough.CancelAsync();

        await load;
    }

    private static Uri Loopback() => new($"http://127.0.0.1:{FreePort.Next()}/");

    private static Task<BackendProcess> StartAsync(BackendStores stores, string name, Uri shortUrl) => BackendProcess.StartAsync(
        name, stores, Settings, ("ASPNETCORE_URLS", $"http://127.0.0.1:0;{shortUrl}"), ("ShortCalls__Port", $"{shortUrl.Port}"));

    private async Task JoinOnAsync(ContractClient client, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var player = Players.New("player");
            await ContractClient.OkUnlessBusyAsync(() => client.JoinAsync(player, Cancelled));
            await ContractClient.OkUnlessBusyAsync(() => client.StatusAsync(player, Cancelled));
            await ContractClient.OkUnlessBusyAsync(() => client.LeaveAsync(player, Cancelled));
            Interlocked.Increment(ref _calls);
        }
    }

    /// <summary>Waits until there have been 500 more, or one has failed.</summary>
    private Task CallMoreAsync(Task load)
    {
        var before = Volatile.Read(ref _calls);
        return Eventually.IsAsync(
            "500 more calls",
            async _ =>
            {
                if (load.IsFaulted)
                    await load;
                return Volatile.Read(ref _calls) >= before + 500;
            },
            Waits.Patient);
    }
}
