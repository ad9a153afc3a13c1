using System.Diagnostics;
using System.Text;
using GameStack.Contracts;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Game;

/// <summary>Seats and tickets, over the wire.</summary>
public sealed class JoinTests : IDisposable
{
    private static readonly string[] Players = ["p1", "p2"];

    private readonly Guid _matchId = Guid.NewGuid();
    private readonly TestTickets _tickets = new();

    public void Dispose() => _tickets.Dispose();

    [Fact]
    public async Task A_ticket_gets_its_player_the_seat_and_the_match_is_played_as_ever()
    {
        await using var server = await StartAsync();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();

        Assert.Equal("JOINED 0 p1", await first.AskAsync($"JOIN {Ticket("p1")}"));
        Assert.Equal("JOINED 1 p2", await second.AskAsync($"join  {Ticket("p2")} \r"));
        await first.SendLineAsync("REQUEST_MATCH 1");
        Assert.Equal(["RUNNING_LENGTH 1", "STATE running"], await first.ReadLinesAsync(2));
        Assert.Equal("STATE running", await second.ReadLineAsync());
        Assert.Equal(["STATE stop"], await first.ReadToEndAsync());
        Assert.Equal(["STATE stop"], await second.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Every_wrong_ticket_is_denied_with_its_reason()
    {
        using var forger = new TestTickets();
        await using var server = await StartAsync();
        var unsigned = _tickets.Header();
        unsigned["alg"] = "none";
        var audience = TestTickets.Payload("p1", _matchId);
        audience["aud"] = "gamestack:api";
        var valid = Ticket("p1");
        (string Reason, string Ticket)[] wrong =
        [
            ("bad_signature", forger.Sign(_tickets.Header(), TestTickets.Payload("p1", _matchId))),
            ("bad_signature", valid[..^8] + "AAAAAAAA"),
            ("unknown_key", forger.Make("p1", _matchId)),
            ("wrong_algorithm", _tickets.Sign(unsigned, TestTickets.Payload("p1", _matchId))),
            ("wrong_algorithm", $"{Encode(unsigned.ToJsonString())}.{Encode(TestTickets.Payload("p1", _matchId).ToJsonString())}."),
            ("expired", _tickets.Make("p1", _matchId, issuedAt: DateTimeOffset.UtcNow.AddMinutes(-7))),
            ("wrong_audience", _tickets.Sign(_tickets.Header(), audience)),
            ("wrong_match", _tickets.Make("p1", Guid.NewGuid())),
            ("wrong_server", _tickets.Make("p1", _matchId, server: "game-server-2")),
            ("wrong_player", _tickets.Make("p3", _matchId)),
            ("malformed", "nonsense"),
            ("malformed", new string('x', 4080)),
        ];
        foreach (var (reason, ticket) in wrong)
        {
            await using var client = await server.ConnectAsync();
            Assert.Equal($"DENIED {reason}", await client.AskAsync($"JOIN {ticket}"));
            Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        }
    }

    [Fact]
    public async Task A_ticket_counts_once()
    {
        await using var server = await StartAsync();
        var ticket = Ticket("p1");
        await using var first = await server.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await first.AskAsync($"JOIN {ticket}"));

        await using var thief = await server.ConnectAsync();
        Assert.Equal("DENIED replayed", await thief.AskAsync($"JOIN {ticket}"));
        Assert.Equal("STATE open", await first.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task Of_two_connections_with_the_same_ticket_at_once_one_is_let_in()
    {
        await using var server = await StartAsync();
        for (var round = 0; round < 50; round++)
        {
            var ticket = Ticket("p1");
            await using var first = await server.ConnectAsync();
            await using var second = await server.ConnectAsync();
            var answers = await Task.WhenAll(first.AskAsync($"JOIN {ticket}"), second.AskAsync($"JOIN {ticket}"));
            Assert.Single(answers, "JOINED 0 p1");
            Assert.Single(answers, "DENIED replayed");
        }
    }

    [Fact]
    public async Task A_later_ticket_moves_the_seat_to_its_connection()
    {
        await using var server = await StartAsync();
        await using var first = await server.ConnectAsync();
        await first.AskAsync($"JOIN {Ticket("p1")}");

        await using var second = await server.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await second.AskAsync($"JOIN {Ticket("p1")}"));

        Assert.Equal(["MOVED"], await first.ReadToEndAsync());
        Assert.Equal("RUNNING_LENGTH 1", await second.AskAsync("REQUEST_MATCH 1"));
        Assert.Equal(["STATE running", "STATE stop"], await second.ReadToEndAsync());
    }

    [Fact]
    public async Task An_earlier_ticket_moves_no_seat_while_the_connection_of_the_later_one_lives()
    {
        await using var server = await StartAsync();
        var now = DateTimeOffset.UtcNow;
        var earlier = _tickets.Make("p1", _matchId, issuedAt: now.AddSeconds(-30));
        await using (var first = await server.ConnectAsync())
        {
            await first.AskAsync($"JOIN {_tickets.Make("p1", _matchId, issuedAt: now)}");

            await using var second = await server.ConnectAsync();
            Assert.Equal("DENIED superseded", await second.AskAsync($"JOIN {earlier}"));
            await first.SendLineAsync("REQUEST_MATCH 600");
            Assert.Equal(["RUNNING_LENGTH 600", "STATE running"], await first.ReadLinesAsync(2));
            first.Socket.LingerState = new(enable: true, seconds: 0);
        }

        await Eventually.IsAsync("the seat of a lost connection is free", _ => TakesSeatAsync(), Waits.Patient);

        async Task<bool> TakesSeatAsync()
        {
            await using var second = await server.ConnectAsync();
            return await second.AskAsync($"JOIN {earlier}") == "JOINED 0 p1";
        }
    }

    [Fact]
    public async Task A_seat_that_moves_back_and_forth_ends_with_one_connection()
    {
        await using var server = await StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => server.ConnectAsync()));
        var now = DateTimeOffset.UtcNow;
        await Task.WhenAll(clients.Select(client => client.SendLineAsync($"JOIN {_tickets.Make("p1", _matchId, issuedAt: now)}")));

        // Each was let in; all but one were then moved.
        var moved = clients.Select(async client =>
        {
            Assert.Equal("JOINED 0 p1", await client.ReadLineAsync());
            return await client.ReadLineAsync();
        }).ToList();
        while (moved.Count > 1)
        {
            var next = await Task.WhenAny(moved);
            Assert.Equal("MOVED", await next);
            moved.Remove(next);
        }

        await using var last = await server.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await last.AskAsync($"JOIN {Ticket("p1")}"));
        Assert.Equal("MOVED", await moved[0]);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_member_whose_connection_is_lost_comes_back_to_the_same_seat()
    {
        await using var server = await StartAsync();
        await using (var first = await server.ConnectAsync())
        {
            await first.SendAsync($"JOIN {Ticket("p1")}\nREQUEST_MATCH 600\n");
            Assert.Equal(["JOINED 0 p1", "RUNNING_LENGTH 600", "STATE running"], await first.ReadLinesAsync(3));
            first.Socket.LingerState = new(enable: true, seconds: 0);
        }

        await using var again = await server.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await again.AskAsync($"JOIN {Ticket("p1")}"));
        Assert.Equal("STATE running", await again.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_match_ends_once_its_seats_have_been_empty_for_long_enough()
    {
        await using var server = await StartAsync(_tickets.Terms() with { Reconnect = TimeSpan.FromSeconds(1) });
        var clock = Stopwatch.StartNew();
        await using (var first = await server.ConnectAsync())
        {
            await first.SendAsync($"JOIN {Ticket("p1")}\nREQUEST_MATCH 600\n");
            await first.ReadLinesAsync(3);
        }

        Assert.Equal(0, await server.ExitAsync());
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 60);
    }

    [Fact]
    public async Task A_match_ends_at_once_when_its_last_member_leaves_for_good()
    {
        await using var server = await StartAsync(_tickets.Terms() with { Reconnect = TimeSpan.FromHours(1) });
        await using var first = await server.ConnectAsync();
        await using var guest = await server.ConnectAsync();
        await first.SendAsync($"JOIN {Ticket("p1")}\nREQUEST_MATCH 600\n");
        await first.ReadLinesAsync(3);

        await first.SendLineAsync("LEAVE");

        Assert.Equal(["LEFT"], await first.ReadToEndAsync());
        Assert.Equal(["STATE running", "STATE stop"], await guest.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Members_see_who_is_connected_and_guests_do_not()
    {
        await using var server = await StartAsync();
        await using var guest = await server.ConnectAsync();
        await using var first = await server.ConnectAsync();
        await first.AskAsync($"JOIN {Ticket("p1")}");

        await first.SendLineAsync("get_roster");
        Assert.Equal(["ROSTER 2", "SEAT 0 connected p1", "SEAT 1 absent p2"], await first.ReadLinesAsync(3));
        Assert.Equal("UNKNOWN", await guest.AskAsync("GET_ROSTER"));
        Assert.Equal("UNKNOWN", await guest.AskAsync("LEAVE"));
    }

    [Fact]
    public async Task A_roster_of_a_hundred_of_the_longest_ids_can_be_asked_for()
    {
        string[] players = [.. Enumerable.Range(0, 100).Select(i => new string('玩', 126) + i.ToString("D2", null))];
        await using var server = await GameServerProcess.StartSeatedAsync(_matchId, players, _tickets.Terms());
        await using var client = await server.ConnectAsync();

        await client.SendAsync($"JOIN {Ticket(players[99])}\nGET_ROSTER\n");

        Assert.StartsWith("JOINED 99 ", await client.ReadLineAsync());
        var lines = await client.ReadLinesAsync(101);
        Assert.Equal("ROSTER 100", lines[0]);
        Assert.StartsWith("SEAT 99 connected ", lines[100]);
    }

    [Fact]
    public async Task After_a_member_has_come_a_guest_is_told_what_stands()
    {
        await using var server = await StartAsync();
        await using var guest = await server.ConnectAsync();
        await using var first = await server.ConnectAsync();
        await first.AskAsync($"JOIN {Ticket("p1")}");

        await guest.SendLineAsync("REQUEST_MATCH 1");
        Assert.Equal(["RUNNING_LENGTH 0", "STATE open"], await guest.ReadLinesAsync(2));
        await first.SendLineAsync("REQUEST_MATCH 600");
        Assert.Equal("STATE running", await guest.ReadLineAsync());
        await guest.SendLineAsync("REQUEST_MATCH 1");
        Assert.Equal(["RUNNING_LENGTH 600", "STATE running"], await guest.ReadLinesAsync(2));
    }

    [Fact]
    public async Task Without_tickets_a_server_denies_every_one()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        Assert.Equal("DENIED no_keys", await client.AskAsync($"JOIN {Ticket("p1")}"));
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        Assert.Equal("UNKNOWN", await client.AskAsync("JOIN"));
    }

    [Fact]
    public async Task A_connection_that_is_denied_again_and_again_is_closed()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync(string.Concat(Enumerable.Repeat("JOIN x\n", 100)));

        Assert.Equal(Enumerable.Repeat("DENIED malformed", 8), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Where_tickets_are_required_everybody_else_is_denied_and_closed_after_5_seconds()
    {
        await using var server = await StartAsync(_tickets.Terms() with { Required = true });
        var clock = Stopwatch.StartNew();
        await using var silent = await server.ConnectAsync();
        await using var stranger = await server.ConnectAsync();

        Assert.Equal("DENIED no_ticket", await stranger.AskAsync("GET_STATE"));
        Assert.Equal("DENIED no_ticket", await stranger.AskAsync("REQUEST_MATCH 1"));
        Assert.Equal(["DENIED no_ticket"], await stranger.ReadToEndAsync());
        Assert.Equal(["DENIED no_ticket"], await silent.ReadToEndAsync());
        Assert.InRange(clock.Elapsed.TotalSeconds, 4.5, 30);

        await using var member = await server.ConnectAsync();
        await member.SendAsync($"JOIN {Ticket("p1")}\nREQUEST_MATCH 1\n");
        Assert.Equal(["JOINED 0 p1", "RUNNING_LENGTH 1", "STATE running", "STATE stop"], await member.ReadToEndAsync());
    }

    [Fact]
    public async Task Where_tickets_are_required_a_member_stays_for_as_long_as_it_likes()
    {
        await using var server = await StartAsync(_tickets.Terms() with { Required = true });
        await using var member = await server.ConnectAsync();
        await member.AskAsync($"JOIN {Ticket("p1")}");
        await using var stranger = await server.ConnectAsync();

        Assert.Equal(["DENIED no_ticket"], await stranger.ReadToEndAsync());
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal("STATE open", await member.AskAsync("GET_STATE"));
    }

    /// <summary>As many connections as this process may open, at most 10,000.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_port_full_of_strangers_has_a_place_for_every_member(bool required)
    {
        var count = Math.Min(10_000, RobustnessTests.DescriptorLimit() - 1000);
        await using var server = await StartAsync(
            _tickets.Terms() with { Required = required }, (GameServerSettings.ConnectTimeoutSeconds, "600"));
        var strangers = new List<LineClient>(count);
        try
        {
            while (strangers.Count < count)
            {
                var more = Math.Min(200, count - strangers.Count);
                strangers.AddRange(await Task.WhenAll(Enumerable.Range(0, more).Select(_ => server.ConnectAsync())));
            }

            foreach (var player in Players)
            {
                await using var member = await server.ConnectAsync();
                await member.SendLineAsync($"JOIN {Ticket(player)}");
                Assert.Equal($"JOINED {Array.IndexOf(Players, player)} {player}", await member.ReadLineAsync());
                await member.SendLineAsync("REQUEST_MATCH 600");
                Assert.Equal(["RUNNING_LENGTH 600", "STATE running"], await member.ReadLinesAsync(2));
            }
        }
        finally
        {
            foreach (var stranger in strangers)
            {
                await stranger.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task As_many_guests_as_the_match_has_players_may_connect_from_one_address()
    {
        string[] players = [.. Enumerable.Range(0, 100).Select(i => $"p{i}")];
        await using var server = await GameServerProcess.StartSeatedAsync(_matchId, players, _tickets.Terms());
        var guests = await Task.WhenAll(players.Select(_ => server.ConnectAsync()));

        foreach (var guest in guests)
        {
            Assert.Equal("STATE open", await guest.AskAsync("GET_STATE"));
        }

        foreach (var guest in guests)
        {
            await guest.DisposeAsync();
        }
    }

    [Fact]
    public async Task Whatever_is_joined_with_the_server_goes_on()
    {
        var random = new Random(5);
        await using var server = await StartAsync();
        await using var member = await server.ConnectAsync();
        await member.AskAsync($"JOIN {Ticket("p1")}");
        var valid = Encoding.ASCII.GetBytes($"JOIN {Ticket("p2")}");
        for (var round = 0; round < 300; round++)
        {
            await using var client = await server.ConnectAsync();
            var lines = new MemoryStream();
            for (var i = 0; i < 7; i++)
            {
                var line = valid.ToArray();
                for (var changes = random.Next(1, 6); changes > 0; changes--)
                {
                    // Any other byte but the line's end. The last character has bits that mean nothing.
                    var at = random.Next(5, line.Length - 1);
                    line[at] = (byte)((line[at] + random.Next(1, 100)) % 223 + 33);
                }

                lines.Write(line.AsSpan(0, random.Next(3) == 0 ? random.Next(6, line.Length) : line.Length));
                lines.Write("\n"u8);
            }

            await client.SendAsync(lines.ToArray());
            foreach (var answer in await client.ReadLinesAsync(7))
            {
                Assert.StartsWith("DENIED ", answer);
            }
        }

        Assert.Equal("STATE open", await member.AskAsync("GET_STATE"));
    }

    private static string Encode(string text) => TestTickets.Encode(text);

    private string Ticket(string player) => _tickets.Make(player, _matchId);

    private Task<GameServerProcess> StartAsync(TicketTerms? terms = null, params (string Name, string Value)[] settings) =>
        GameServerProcess.StartSeatedAsync(_matchId, Players, terms ?? _tickets.Terms(), settings);
}
