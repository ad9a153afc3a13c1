using System.Net;
using GameStack.Tests.Backend.Access;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>A proxy, a backend whose players need tokens, and players who have them.</summary>
public sealed class PlayerTokenTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly TestIssuer _issuer = new();
    private JwtBackend _backend = null!;
    private RunningProgram _proxy = null!;
    private ContractClient _door = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _backend = await JwtBackend.StartAsync(Write("public.pem", _issuer.PublicPem));
        _proxy = RunningProgram.Start("Proxy", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["BACKEND_URL"] = _backend.Root.AbsoluteUri,
        });
        _door = new ContractClient(new Uri(await _proxy.WaitUntilListeningAsync(), "api/"));
    }

    public async ValueTask DisposeAsync()
    {
        _door.Dispose();
        await _proxy.DisposeAsync();
        await _backend.DisposeAsync();
        _issuer.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("events")]
    public async Task Simulated_players_with_tokens_play(string follow)
    {
        string[] command = [ProductPrograms.PathOf("LoadTester"), "--follow", follow];
        await using var loadTester = RunningProgram.StartCommand(command, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["TARGET_URL"] = new Uri(_door.Root, "/").AbsoluteUri,
            ["CLIENTS"] = "4",
            ["MATCH_DURATION"] = "5",
            ["JWT_KEY_FILE"] = Write("private.pem", _issuer.PrivatePem),
            ["JWT_ISSUER"] = TestIssuer.Name,
        });

        Assert.Equal(0, await loadTester.WaitForExitAsync("playing", Waits.Patient));
    }

    [Fact]
    public async Task The_proxy_hands_tokens_on_and_refuses_nothing_itself()
    {
        using var client = new HttpClient();
        using var stranger = await client.GetAsync(new Uri(_door.Root, "match/status?player_id=ann"), Cancelled);
        Assert.Equal("Bearer", stranger.Headers.WwwAuthenticate.ToString());
        (await ApiAnswer.ReadAsync(stranger, Cancelled)).IsProblem(HttpStatusCode.Unauthorized);

        var token = _issuer.Issue("ann");
        (await _backend.CallAsync("join", token)).Ok();
        var path = new Uri(_door.Root, $"match/events?access_token={token}");
        using var events = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain(
            _proxy.Lines.Concat(_backend.Program.Lines), line => line.Contains(token, StringComparison.Ordinal));
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.Path, name);
        File.WriteAllText(file, text);
        return file;
    }
}
