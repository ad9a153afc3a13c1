using System.Security.Cryptography;
using System.Text;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Tests.Backend.Tickets;

public sealed class TicketSignerTests : IDisposable
{
    private static readonly Guid MatchId = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly TestFolder _folder = new();
    private readonly TestTickets _old = new();
    private readonly TestTickets _new = new();

    public void Dispose()
    {
        _folder.Dispose();
        _old.Dispose();
        _new.Dispose();
    }

    [Theory]
    [InlineData("p1", 0)]
    [InlineData("игрок \"玩家\" 🎮", 1)]
    public void A_matched_player_gets_a_ticket_that_the_reader_takes(string player, int seat)
    {
        using var signer = Signer(_old);
        var server = Told(signer);

        var ticket = Read(signer.Issue(Matched(server.Admission, "p1", "игрок \"玩家\" 🎮"), player)!, _old);

        var now = _time.GetUtcNow();
        var expected = new MatchTicket(player, MatchId, "game-server-1", "10.0.0.7:8080", seat, now, now.AddSeconds(60), ticket.Id);
        Assert.Equal(expected, ticket);
    }

    [Fact]
    public async Task Any_JWT_library_can_read_it()
    {
        using var signer = Signer(_old);
        var token = signer.Issue(Matched(Told(signer).Admission, "p1"), "p1")!;
        using var key = ECDsa.Create();
        key.ImportFromPem(_old.PublicPem);

        var read = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = new ECDsaSecurityKey(key) { KeyId = _old.Key.Id },
            ValidAlgorithms = ["ES256"],
            ValidIssuer = "gamestack",
            ValidAudience = "gamestack:match",
            ValidTypes = ["JWT"],
            LifetimeValidator = (_, expires, _, _) => expires == _time.GetUtcNow().UtcDateTime.AddSeconds(60),
        });

        Assert.True(read.IsValid, read.Exception?.Message);
        Assert.Equal(("p1", MatchId.ToString(), 0L), (read.Claims["sub"], read.Claims["sid"], Convert.ToInt64(read.Claims["seat"], null)));
    }

    [Fact]
    public void Each_ticket_has_an_id_of_its_own()
    {
        using var signer = Signer(_old);
        var state = Matched(Told(signer).Admission, "p1");

        Assert.NotEqual(Read(signer.Issue(state, "p1")!, _old).Id, Read(signer.Issue(state, "p1")!, _old).Id);
    }

    [Fact]
    public void Nobody_else_gets_one()
    {
        using var signer = Signer(_old);
        var admission = Told(signer).Admission;

        Assert.Null(signer.Issue(PlayerState.Pending, "p1"));
        Assert.Null(signer.Issue(PlayerState.Ended(MatchId), "p1"));
        Assert.Null(signer.Issue(Matched(admission, "p1"), "p2"));
        Assert.Null(signer.Issue(Matched(admission: null, "p1"), "p1"));
    }

    [Fact]
    public void Without_a_key_there_are_no_tickets()
    {
        using var signer = Signer();

        Assert.Null(signer.TermsFor(new RunningGameServer(MatchId, "game-server-1", "10.0.0.7", 8080)));
        Assert.Null(signer.Issue(Matched(MatchAdmission.At("game-server-1", "10.0.0.7", 8080), "p1"), "p1"));
    }

    [Fact]
    public void The_first_key_signs_for_new_matches_and_an_earlier_match_keeps_the_key_that_its_server_knows()
    {
        using var before = Signer(_old);
        using var after = Signer(_new, _old);
        var earlier = Matched(Told(before).Admission, "p1");
        var later = Matched(Told(after).Admission, "p1");

        Assert.NotNull(Read(after.Issue(earlier, "p1")!, _old));
        Assert.NotNull(Read(after.Issue(later, "p1")!, _new));

        // A backend that does not have the new key yet: the later match's server knows the old one too.
        Assert.NotNull(Read(before.Issue(later, "p1")!, _old));
    }

    [Fact]
    public void A_match_with_none_of_the_keys_here_gets_no_tickets_and_that_is_logged_once()
    {
        using var log = new LogRecords();
        using var logs = new LoggerFactory([log]);
        using var before = Signer(_old);
        using var after = Signer(logs.CreateLogger<TicketSigner>(), _new);
        var earlier = Matched(Told(before).Admission, "p1");

        Assert.Null(after.Issue(earlier, "p1"));
        Assert.Null(after.Issue(earlier, "p1"));
        Assert.Single(log.Of(190));
    }

    [Fact]
    public void Where_the_servers_keys_are_not_known_the_first_key_signs()
    {
        using var signer = Signer(_new, _old);

        Assert.NotNull(Read(signer.Issue(Matched(MatchAdmission.At("game-server-1", "10.0.0.7", 8080), "p1"), "p1")!, _new));
    }

    [Fact]
    public void A_public_key_cannot_sign()
    {
        var file = Path.Combine(_folder.Path, "public.pem");
        File.WriteAllText(file, _old.PublicPem);

        Assert.Throws<ArgumentException>(() => TestSigners.Of(new TicketsOptions { KeyFile = file }));
    }

    [Fact]
    public void The_server_is_told_what_the_settings_say()
    {
        var servers = new GameServersOptions { Tickets = TicketUse.Required, ReconnectSeconds = 7 };
        using var signer = TestSigners.Of(Options(_new, _old), servers, _time);

        var terms = signer.TermsFor(new RunningGameServer(MatchId, "game-server-1", "10.0.0.7", 8080))!;

        Assert.Equal(("game-server-1", true, 7), (terms.Server, terms.Required, (int)terms.Reconnect.TotalSeconds));
        Assert.Equal([_new.Key.Id, _old.Key.Id], terms.Keys.Select(key => key.Id));
    }

    private static PlayerState Matched(MatchAdmission? admission, params string[] players) =>
        new(PlayerPhase.Matched, MatchId, "game.example.com", 7777, players) { Admission = admission };

    private static RunningGameServer Told(TicketSigner signer)
    {
        var admission = MatchAdmission.At("game-server-1", "10.0.0.7", 8080);
        var server = new RunningGameServer(MatchId, "game-server-1", "10.0.0.7", 8080);
        return server with { Admission = admission.SignedWith(signer.TermsFor(server)!.Keys) };
    }

    private TicketSigner Signer(params TestTickets[] keys) => TestSigners.Of(Options(keys), time: _time);

    private TicketSigner Signer(ILogger<TicketSigner> logger, params TestTickets[] keys) =>
        TestSigners.Of(Options(keys), time: _time, logger: logger);

    private TicketsOptions Options(params TestTickets[] keys)
    {
        var files = keys.Select(key =>
        {
            var file = Path.Combine(_folder.Path, key.Key.Id);
            File.WriteAllText(file, key.PrivatePem);
            return file;
        });
        return new TicketsOptions { KeyFile = string.Join(" , ", files) };
    }

    private MatchTicket Read(string token, TestTickets key)
    {
        var reader = new TicketReader([key.Key], TimeSpan.Zero);
        Assert.True(reader.TryRead(Encoding.ASCII.GetBytes(token), _time.GetUtcNow(), out var ticket, out var refusal), refusal.ToWord());
        return ticket;
    }
}
