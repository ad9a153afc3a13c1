using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Backends;

/// <summary>Several backends behind one host name, as behind a headless Service: on one port of several addresses.</summary>
public sealed class BackendResolverTests
{
    private const string QuickProbes = "Forwarding:ProbeInterval=00:00:00.1";

    /// <summary>What the name stands for; without any address, it cannot be resolved.</summary>
    private volatile IPAddress[] _addresses = [];

    public BackendResolverTests() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && Socket.OSSupportsIPv6, "This machine lacks addresses such as 127.0.0.2 and ::1.");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_address_of_a_name_is_a_backend_of_its_own_IPv6_too()
    {
        await using var first = await StandInBackend.StartAsync();
        await using var second = await StandInBackend.StartAsync(address: $"127.0.0.2:{PortOf(first)}");
        await using var third = await StandInBackend.StartAsync(address: $"[::1]:{PortOf(first)}");
        StandInBackend[] backends = [first, second, third];
        _addresses = [IPAddress.Loopback, IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback];
        await using var proxy = await StartProxyAsync(first);
        foreach (var backend in backends)
        {
            await backend.KnownAsync();
        }

        await CallAsync(proxy, times: 60);

        Assert.All(backends, backend => Assert.NotEmpty(backend.Requests));
        Assert.Equal($"backends:{PortOf(first)}", first.Requests.First().Headers["Host"]);
    }

    [Fact]
    public async Task A_player_whom_only_one_backend_behind_the_name_knows_is_found()
    {
        await using var sound = await StandInBackend.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await using var knowing = await StandInBackend.StartAsync(address: $"127.0.0.2:{PortOf(sound)}");
        knowing.SetDegraded(true);
        _addresses = [IPAddress.Loopback, IPAddress.Parse("127.0.0.2")];
        await using var proxy = await StartProxyAsync(sound);
        await knowing.KnownAsync();

        using var response = await proxy.Client.GetAsync("/api/match/status?player_id=p1", Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(sound.Requests);
    }

    [Fact]
    public async Task Backends_come_and_go_without_a_failed_call()
    {
        await using var first = await StandInBackend.StartAsync();
        await using var second = await StandInBackend.StartAsync(address: $"127.0.0.2:{PortOf(first)}");
        _addresses = [IPAddress.Loopback];
        await using var proxy = await StartProxyAsync(first);
        await CallAsync(proxy, times: 10);
        Assert.Empty(second.Requests);

        // One more that does not listen yet.
        _addresses = [IPAddress.Loopback, IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")];
        await second.KnownAsync();
        await CallAsync(proxy, times: 60);
        Assert.NotEmpty(second.Requests);

        _addresses = [IPAddress.Parse("127.0.0.2")];
        await first.DisposeAsync();
        await CallAsync(proxy, times: 60);
    }

    [Fact]
    public async Task A_proxy_starts_before_its_backends_have_addresses_and_keeps_them_while_DNS_fails()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartProxyAsync(backend);
        using (var health = await proxy.Client.GetAsync("/health", Cancelled))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        }

        _addresses = [IPAddress.Loopback];
        await backend.KnownAsync();
        _addresses = [];
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled); // The fault itself: the proxy asks every second.

        await CallAsync(proxy, times: 10);
    }

    private static int PortOf(StandInBackend backend) => new Uri(backend.Address).Port;

    private static async Task CallAsync(RunningProxy proxy, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private Task<RunningProxy> StartProxyAsync(StandInBackend backend) =>
        RunningProxy.StartAsync(LookUpAsync, [$"http://backends:{PortOf(backend)}"], QuickProbes);

    private Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken) => _addresses is { Length: > 0 } addresses
        ? Task.FromResult(addresses)
        : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
}
