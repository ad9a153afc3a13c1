using System.Globalization;
using System.Text.RegularExpressions;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios;

/// <summary>Two gateways behind a load balancer, while players come and play through both.</summary>
public sealed partial class TwoGatewaysTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int Players = 120;

    private static readonly StackSettings Pairs = new() { SessionSize = 2 };

    private readonly TestFolder _folder = new();
    private readonly TestTickets _old = new();
    private readonly TestTickets _new = new();

    private string PublicKeys => Path.Combine(_folder.Path, "public.pem");

    [Fact]
    public async Task A_gateway_that_drains_cuts_nobody_off()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, PrivateKeys(_old), Required);
        await using var first = await StartGatewayAsync([backend.Root]);
        await using var second = await StartGatewayAsync([backend.Root]);
        await using var balancer = new TcpForwarder(first.Port, second.Port);
        await using var load = StartLoad(second.Proxy.Root, balancer);
        await PlayingAsync(load, 20);

        // A draining proxy still takes connections for a second, in which a load balancer notices.
        balancer.MoveTo(second.Port, cut: false);
        Assert.Equal(0, await first.Proxy.Program.StopAsync());

        await LoadTesterRun.FinishAsync(load, Players);
        Assert.Contains(first.Proxy.Program.Lines, line => line.Contains("players of live matches", StringComparison.Ordinal));
        Assert.DoesNotContain(load.Lines, line => Lost().IsMatch(line));
    }

    [Fact]
    public async Task A_gateway_that_is_killed_ends_no_match()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, PrivateKeys(_old), Required);
        await using var first = await StartGatewayAsync([backend.Root]);
        await using var second = await StartGatewayAsync([backend.Root]);
        await using var balancer = new TcpForwarder(first.Port, second.Port);
        await using var door = new TcpForwarder(first.Proxy.Root.Port, second.Proxy.Root.Port);
        await using var load = StartLoad(new Uri($"http://{door.Address}"), balancer);
        await PlayingAsync(load, 20);

        first.Proxy.Program.Kill();

        await LoadTesterRun.FinishAsync(load, Players);
        Assert.Contains(load.Lines, line => Lost().IsMatch(line));
    }

    [Fact]
    public async Task A_rotation_of_the_ticket_key_under_load_refuses_nobody()
    {
        await using var stores = await CreateStoresAsync();
        var later = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        await using var before = await stores.StartBackendAsync("before", Pairs, PrivateKeys(_old, _new), Required);
        await using var first = await StartGatewayAsync([before.Root, later]);
        await using var second = await StartGatewayAsync([before.Root, later]);
        await using var balancer = new TcpForwarder(first.Port, second.Port);
        await using var load = StartLoad(first.Proxy.Root, balancer);
        await PlayingAsync(load, 20);

        await File.WriteAllTextAsync(PublicKeys, $"{_old.PublicPem}\n{_new.PublicPem}\n", Cancelled);
        await using var after = await stores.StartBackendAsync(
            "after", Pairs, PrivateKeys(_new, _old), Required, ("ASPNETCORE_URLS", later.OriginalString));

        await LoadTesterRun.FinishAsync(load, Players);
        Assert.Equal(_new.Key.Id, await KeyOfNewPlayersAsync(after, balancer));
        Assert.Equal(_old.Key.Id, await KeyOfNewPlayersAsync(before, balancer));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _folder.Dispose();
            _old.Dispose();
            _new.Dispose();
        }

        base.Dispose(disposing);
    }

    private static (string Name, string Value) Required => ("GameServers__Tickets", "Required");

    /// <summary>Players for ten seconds, in matches that last longer than a busy machine needs for a reconnect.</summary>
    private static RunningProgram StartLoad(Uri door, TcpForwarder balancer) => LoadTesterRun.Start(
        door, Players,
        ("SPAWN_RATE", "12"), ("MATCH_DURATION", "15"), ("PLAY_THROUGH", "gateway"), ("GATEWAY_ADDRESS", balancer.Address));

    private static Task<string> PlayingAsync(RunningProgram load, int players) => load.WaitForLineAsync(
        line => Playing().Match(line) is { Success: true } match
            && int.Parse(match.Groups["players"].ValueSpan, CultureInfo.InvariantCulture) >= players ? line : null,
        "playing",
        Waits.Patient);

    /// <summary>The id of the key that signed the tickets of a new pair, who play through the gateway.</summary>
    private async Task<string?> KeyOfNewPlayersAsync(BackendProcess backend, TcpForwarder balancer)
    {
        var seats = await backend.Client.JoinAndWaitAsync([$"{backend.Name}-a", $"{backend.Name}-b"], Cancelled);
        var ticket = (await backend.Client.StatusAsync(seats[0].Player, Cancelled)).Ok().Text("ticket");
        await using var player = await LineClient.ConnectAsync(balancer.Port);
        Assert.StartsWith("JOINED ", await player.AskAsync($"JOIN {ticket}"), StringComparison.Ordinal);
        return TestTickets.Decode(ticket, 0).GetProperty("kid").GetString();
    }

    private async Task<Gateway> StartGatewayAsync(IReadOnlyList<Uri> backends)
    {
        var port = FreePort.Next();
        if (!File.Exists(PublicKeys))
            await File.WriteAllTextAsync(PublicKeys, _old.PublicPem, Cancelled);
        return new Gateway(
            await ProxyProcess.StartAsync(
                backends,
                ("Tickets__PublicKeyFile", PublicKeys), ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
                ("Gateway__DrainSeconds", "30"), ("Shutdown__DrainSeconds", "1")),
            port);
    }

    private (string Name, string Value) PrivateKeys(params TestTickets[] keys)
    {
        var files = keys.Select(key =>
        {
            var file = Path.Combine(_folder.Path, key.Key.Id);
            File.WriteAllText(file, key.PrivatePem);
            return file;
        });
        return ("Tickets__KeyFile", string.Join(',', files));
    }

    //      3.0 s  started 37/120: waiting 1, connecting 1, playing 30, ended 5
    [GeneratedRegex(@"playing (?<players>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Playing();

    //        12  play: closed before stop
    [GeneratedRegex(@"^ +\d+  (connect|play): ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Lost();

    private sealed record Gateway(ProxyProcess Proxy, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Proxy.DisposeAsync();
    }
}
