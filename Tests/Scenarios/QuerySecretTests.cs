using System.Net.WebSockets;
using System.Text;
using GameStack.Tests.Backend.Access;
using GameStack.Tests.ServiceDefaults;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>A browser sends some tokens and tickets in the query. Telemetry has more readers than the queries of calls may have.</summary>
public sealed class QuerySecretTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_token_or_ticket_of_a_query_is_in_traces_or_logs()
    {
        using var folder = new TestFolder();
        using var issuer = new TestIssuer();
        using var tickets = new TestTickets();
        using var certificate = new SelfSignedCertificate();
        await using var collector = await OtlpCollector.StartAsync();
        var token = issuer.Issue("ann");
        var ticket = tickets.Make("ann", Guid.NewGuid(), address: "127.0.0.1:1"); // No server listens there.

        // An operator may ask for more logs than by default.
        (string Name, string Value)[] settings =
        [
            .. collector.Settings.Select(setting => (setting.Split('=')[0], setting.Split('=')[1])),
            ("Logging__LogLevel__Microsoft.AspNetCore", "Information"), ("Logging__LogLevel__Yarp", "Information"),
        ];
        string[] lines;
        await using (var backend = await JwtBackend.StartAsync(
            Write("players.pem", issuer.PublicPem), [.. settings.Select(setting => (setting.Name, (string?)setting.Value))]))
        await using (var proxy = await ProxyProcess.StartAsync(
            [backend.Root],
            [
                .. settings, ("Tickets__PublicKeyFile", Write("tickets.pem", tickets.PublicPem)), ("Gateway__Port", "0"),
                ("ASPNETCORE_URLS", "http://127.0.0.1:0;https://127.0.0.1:0"),
                ("Kestrel__Certificates__Default__Path", certificate.CertificateFile),
                ("Kestrel__Certificates__Default__KeyPath", certificate.KeyFile),
            ]))
        {
            (await backend.CallAsync("join", token)).Ok();
            await GetAsync(new Uri(backend.Root, $"match/events?access_token={token}"));
            await GetAsync(new Uri(proxy.Root, $"api/match/events?access_token={token}"));
            await GetAsync(new Uri(proxy.Root, $"api/match/status?access_token={token}"));
            using (var socket = new ClientWebSocket())
            using (var client = new HttpClient())
            {
                Assert.Equal("DENIED unreachable\n", await PlayAsync(socket, client, $"ws://{proxy.Root.Authority}/play?ticket={ticket}"));
            }

            using (var socket = TestHttp.WebSocketOverHttp2())
            using (var browser = TestHttp.BrowserThatTrusts(certificate))
            {
                var door = await proxy.Program.WaitForLineAsync(TlsDoorIn, "listening with TLS", Waits.Patient);
                Assert.Equal("DENIED unreachable\n", await PlayAsync(socket, browser, $"wss://localhost:{door.Port}/play?ticket={ticket}"));
            }

            await proxy.Program.StopAsync();
            await backend.Program.StopAsync();
            lines = [.. proxy.Program.Lines, .. backend.Program.Lines];
        }

        var traces = collector.Received("/v1/traces");
        foreach (var span in new[] { "GET /match/events", "GET /api/match/events", "GET /api/match/status", "GET /play", "CONNECT /play" })
        {
            Assert.Contains(span, traces);
        }

        var all = $"{traces}{collector.Received("/v1/logs")}{string.Join('\n', lines)}";
        Assert.DoesNotContain(token, all);
        Assert.DoesNotContain(ticket, all);

        string Write(string name, string pem)
        {
            var file = Path.Combine(folder.Path, name);
            File.WriteAllText(file, pem);
            return file;
        }
    }

    private static async Task GetAsync(Uri address)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, Cancelled);
    }

    private static Uri? TlsDoorIn(string line) =>
        line.IndexOf("https://127.0.0.1:", StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[at..].Trim()) : null;

    private static async Task<string> PlayAsync(ClientWebSocket socket, HttpMessageInvoker client, string address)
    {
        await socket.ConnectAsync(new Uri(address), client, Cancelled);
        var buffer = new byte[256];
        var received = await socket.ReceiveAsync(buffer, Cancelled);
        return Encoding.UTF8.GetString(buffer.AsSpan(0, received.Count));
    }
}
