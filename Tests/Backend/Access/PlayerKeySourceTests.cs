using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Access;

/// <summary>Where the keys of players' tokens come from, at real backends.</summary>
public sealed class PlayerKeySourceTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestIssuer _old = new();
    private readonly TestIssuer _new = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task A_rotation_refuses_no_player_and_ends_with_the_old_key()
    {
        var file = Write(_old.PublicPem);
        await using var backend = await JwtBackend.StartAsync(file);
        (await backend.CallAsync("join", _old.Issue("ann"))).Ok();

        Write($"{_old.PublicPem}\n{_new.PublicPem}");
        await Eventually.IsAsync("the new key", async _ => await CodeAsync(backend, _new) == HttpStatusCode.OK, Waits.Patient);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await CodeAsync(backend, i % 2 == 0 ? _old : _new));
        }

        var token = _old.Issue("ann");
        (await backend.CallAsync("status", token)).Ok();
        Write(_new.PublicPem);
        await Eventually.IsAsync(
            "the end of the old key",
            async _ => (await backend.CallAsync("status", token)).Code == HttpStatusCode.Unauthorized,
            TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(backend, _new));
    }

    [Fact]
    public async Task A_file_that_becomes_unusable_changes_nothing()
    {
        await using var backend = await JwtBackend.StartAsync(Write(_old.KeySet));
        (await backend.CallAsync("join", _old.Issue("ann"))).Ok();

        Write("no keys");
        await Eventually.IsAsync(
            "the warning",
            async _ =>
            {
                Assert.Equal(HttpStatusCode.OK, await CodeAsync(backend, _old));
                return backend.Program.Lines.Any(line => line.Contains("Cannot use the new content of", StringComparison.Ordinal));
            },
            Waits.Patient);

        Assert.Equal(HttpStatusCode.OK, await CodeAsync(backend, _old));
    }

    /// <summary>What <c>dotnet user-jwts create --project Backend --name ann --audience gamestack</c> writes.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(TestIssuer.Name)]
    public async Task The_settings_of_user_jwts_count(string? issuer)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        await using var backend = await JwtBackend.StartAsync(
            keyFile: null,
            ("Players__Issuer", issuer),
            ("Authentication__Schemes__Bearer__ValidAudiences__0", "gamestack"),
            ("Authentication__Schemes__Bearer__ValidIssuer", "dotnet-user-jwts"),
            ("Authentication__Schemes__Bearer__SigningKeys__0__Id", "1a2b3c4d"),
            ("Authentication__Schemes__Bearer__SigningKeys__0__Issuer", "dotnet-user-jwts"),
            ("Authentication__Schemes__Bearer__SigningKeys__0__Value", Convert.ToBase64String(secret)),
            ("Authentication__Schemes__Bearer__SigningKeys__0__Length", "32"));

        (await backend.CallAsync("join", Issue(secret))).Ok();
        (await backend.CallAsync("join", Issue(RandomNumberGenerator.GetBytes(32)))).IsProblem(HttpStatusCode.Unauthorized);

        string Issue(byte[] key) => _old.IssueWithSecret("ann", key, claims => claims["iss"] = "dotnet-user-jwts", keyId: "1a2b3c4d");
    }

    [Fact]
    public async Task The_keys_of_an_authority_count_and_while_it_has_not_answered_the_call_may_be_repeated()
    {
        await using var authority = await StartAuthorityAsync(() => _old.KeySet);
        await using var backend = await JwtBackend.StartAsync(
            keyFile: null, ("Players__Authority", authority.Urls.Single()), ("Players__Audience", TestIssuer.Audience));
        var issuer = authority.Urls.Single();

        (await backend.CallAsync("join", _old.Issue("ann", claims => claims["iss"] = issuer))).Ok();
        (await backend.CallAsync("join", _old.Issue("ann"))).IsProblem(HttpStatusCode.Unauthorized);
        (await backend.CallAsync("join", _new.Issue("ann", claims => claims["iss"] = issuer))).IsProblem(HttpStatusCode.Unauthorized);

        await using var alone = await JwtBackend.StartAsync(
            keyFile: null, ("Players__Authority", "http://127.0.0.1:9"), ("Players__Audience", TestIssuer.Audience));
        using var response = await alone.SendAsync("join", _old.Issue("ann"));
        Assert.NotNull(response.Headers.RetryAfter);
        (await ApiAnswer.ReadAsync(response, Cancelled)).IsProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task While_the_authority_is_unavailable_the_keys_of_the_file_count()
    {
        await using var backend = await JwtBackend.StartAsync(Write(_old.PublicPem), ("Players__Authority", "http://127.0.0.1:9"));

        (await backend.CallAsync("join", _old.Issue("ann"))).Ok();
        (await backend.CallAsync("join", _new.Issue("ann"))).IsProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task While_the_authority_is_unavailable_a_ticket_ends_its_match_whatever_token_is_beside_it()
    {
        using var tickets = new TestTickets();
        await using var backend = await JwtBackend.StartAsync(
            Write(_old.PublicPem), ("Players__Authority", "http://127.0.0.1:9"),
            ("Tickets__KeyFile", Write(tickets.PrivatePem, "tickets")));
        (await backend.CallAsync("join", _old.Issue("ann"))).Ok();
        (await backend.CallAsync("join", _old.Issue("bob"))).Ok();
        var match = await Eventually.GetAsync(
            "matched", _ => backend.CallAsync("status", _old.Issue("ann")), answer => answer.Text("status") == "matched", Waits.Patient);
        var id = match.Text("session_id");

        (await EndAsync(ticket: null)).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await EndAsync("no ticket")).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await EndAsync(tickets.Make("ann", Guid.NewGuid()))).IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("ended", (await EndAsync(match.Text("ticket"))).Ok().Text("status"));

        async Task<ApiAnswer> EndAsync(string? ticket)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"match/{id}/end");
            if (ticket is not null)
            {
                request.Headers.Add("Match-Ticket", ticket);
            }

            using var response = await backend.SendAsync(request, _new.Issue("ann"));
            return await ApiAnswer.ReadAsync(response, Cancelled);
        }
    }

    [Fact]
    public async Task A_key_that_replaces_the_authoritys_soon_counts_although_a_stranger_has_just_made_the_keys_be_read()
    {
        var reads = Channel.CreateUnbounded<bool>();
        var published = _old.KeySet;
        await using var authority = await StartAuthorityAsync(() =>
        {
            var keys = Volatile.Read(ref published);
            reads.Writer.TryWrite(true);
            return keys;
        });
        await using var backend = await JwtBackend.StartAsync(
            keyFile: null, ("Players__Authority", authority.Urls.Single()), ("Players__Audience", TestIssuer.Audience));
        using var stranger = new TestIssuer();
        (await backend.CallAsync("join", Issue(_old))).Ok();
        (await backend.CallAsync("join", Issue(stranger))).IsProblem(HttpStatusCode.Unauthorized);
        for (var read = 0; read < 2; read++)
        {
            await reads.Reader.ReadAsync(Cancelled).AsTask().WaitAsync(Waits.Patient, Cancelled);
        }

        Volatile.Write(ref published, _new.KeySet);

        await Eventually.GetAsync(
            "the new key", async _ => (await backend.CallAsync("status", Issue(_new))).Code, code => code == HttpStatusCode.OK,
            2 * Waits.Patient, pace: TimeSpan.FromSeconds(1));

        string Issue(TestIssuer issuer) => issuer.Issue("ann", claims => claims["iss"] = authority.Urls.Single());
    }

    /// <param name="keys">What it publishes now.</param>
    private static async Task<WebApplication> StartAuthorityAsync(Func<string> keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", (HttpRequest request) =>
        {
            var address = $"http://{request.Host}";
            return Results.Text(
                new JsonObject { ["issuer"] = address, ["jwks_uri"] = $"{address}/keys" }.ToJsonString(), "application/json");
        });
        app.MapGet("/keys", () => Results.Text(keys(), "application/json"));
        await app.StartAsync(Cancelled);
        return app;
    }

    private static async Task<HttpStatusCode> CodeAsync(JwtBackend backend, TestIssuer issuer) =>
        (await backend.CallAsync("status", issuer.Issue("ann"))).Code;

    private string Write(string keys, string name = "keys")
    {
        var file = Path.Combine(_folder.Path, name);
        File.WriteAllText(file + ".new", keys);
        File.Move(file + ".new", file, overwrite: true);
        return file;
    }
}
