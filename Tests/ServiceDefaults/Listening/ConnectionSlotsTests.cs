using System.Net.Sockets;
using System.Text;
using GameStack.ServiceDefaults.Listening;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.Tests.ServiceDefaults.Listening;

/// <summary>A real server with three slots.</summary>
public sealed class ConnectionSlotsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_newcomer_without_a_slot_is_told_when_to_come_back()
    {
        await using var service = await StartAsync();
        using var holders = await Holders.ConnectAsync(service, 3);

        var answer = await AskAsync(service, "/");

        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", answer);
        Assert.Contains("Retry-After: 5\r\n", answer);
        Assert.Contains("Connection: close\r\n", answer);
        Assert.Contains("\"detail\":\"This server has as many connections open as it can serve.", answer);
    }

    [Fact]
    public async Task Probes_are_answered_without_a_slot()
    {
        await using var service = await StartAsync();
        using var holders = await Holders.ConnectAsync(service, 3);

        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(service, "/alive"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(service, "/health"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_is_free_again_when_its_connection_closes()
    {
        await using var service = await StartAsync();
        using (await Holders.ConnectAsync(service, 3))
        {
            Assert.StartsWith("HTTP/1.1 503 ", await AskAsync(service, "/"), StringComparison.Ordinal);
        }

        await Eventually.IsAsync(
            "served",
            async _ => (await AskAsync(service, "/")).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal),
            Waits.Patient);
    }

    [Fact]
    public async Task A_newcomer_that_says_nothing_is_let_go()
    {
        await using var service = await StartAsync();
        using var holders = await Holders.ConnectAsync(service, 3);

        Assert.True(await IsClosedAsync(service).WaitAsync(Waits.Patient, Cancelled));
    }

    [Fact]
    public async Task Newcomers_beyond_the_few_that_are_told_so_are_closed_at_once_and_those_with_a_slot_are_served()
    {
        await using var service = await StartAsync();
        using var holders = await Holders.ConnectAsync(service, 3);
        var crowd = Enumerable.Range(0, 500).Select(_ => IsClosedAsync(service)).ToArray();

        Assert.True(await (await Task.WhenAny(crowd)));
        Assert.All(await holders.AskAgainAsync(), answer => Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_newcomer_that_asks_is_answered_however_many_others_are_silent()
    {
        await using var service = await StartAsync();
        using var holders = await Holders.ConnectAsync(service, 3);
        var crowd = Enumerable.Range(0, ListeningCapacity.Refusals + 1).Select(_ => IsClosedAsync(service)).ToArray();
        Assert.True(await (await Task.WhenAny(crowd)));

        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(service, "/alive"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_address_has_its_share_and_is_told_so()
    {
        await using var service = await StartAsync(new AddressShare(0.67, _ => true));
        using var holders = await Holders.ConnectAsync(service, 2);

        var answer = await AskAsync(service, "/");

        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"detail\":\"This address has as many connections and calls open as one address may have.", answer);
        Assert.Contains("Retry-After: 5\r\n", answer);
    }

    private static Task<TestService> StartAsync(AddressShare? share = null) => TestService.StartAsync(
        builder =>
        {
            if (share is not null)
            {
                builder.Services.AddSingleton(share);
            }
        },
        app => app.MapGet("/", () => "served"),
        "Limits:MaxConnections=3");

    private static Task<string> AskAsync(TestService service, string path) =>
        Proxy.RawHttp.SendAsync(service.Client.BaseAddress!, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Cancelled);

    /// <summary>Connects and says nothing. Returns true when the server closes the connection.</summary>
    private static async Task<bool> IsClosedAsync(TestService service)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port, Cancelled);
            return await client.GetStream().ReadAsync(new byte[1], Cancelled) == 0;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return true;
        }
    }

    /// <summary>Clients that keep their connections open.</summary>
    private sealed class Holders(IReadOnlyList<TcpClient> clients) : IDisposable
    {
        private const string Call = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

        /// <summary>Connects one after the other; each sends a call and waits until its answer begins.</summary>
        public static async Task<Holders> ConnectAsync(TestService service, int count)
        {
            var clients = new List<TcpClient>();
            while (clients.Count < count)
            {
                var client = new TcpClient();
                await client.ConnectAsync(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port, Cancelled);
                clients.Add(client);
                Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(client), StringComparison.Ordinal);
            }

            return new Holders(clients);
        }

        public Task<string[]> AskAgainAsync() => Task.WhenAll(clients.Select(AskAsync));

        public void Dispose()
        {
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }

        private static async Task<string> AskAsync(TcpClient client)
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Call), Cancelled);
            var (answer, buffer) = ("", new byte[4096]);
            int length;
            do
            {
                length = await client.GetStream().ReadAsync(buffer, Cancelled);
                answer += Encoding.ASCII.GetString(buffer.AsSpan(0, length));
            }
            while (length > 0 && !answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
            return answer;
        }
    }
}
