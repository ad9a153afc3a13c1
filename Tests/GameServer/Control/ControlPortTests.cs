using System.Diagnostics;
using System.Net.Sockets;
using GameStack.Contracts;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Control;

public sealed class ControlPortTests
{
    private const string Players = """["p1","p2"]""";

    [Fact]
    public async Task A_standby_server_refuses_players_until_it_has_a_session()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        var refused = await Assert.ThrowsAsync<SocketException>(() => server.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        await using var control = await server.ConnectControlAsync();
        Assert.Equal("STANDBY", await control.AskAsync("SESSION"));
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {Guid.NewGuid()} {Players}"));

        await using var client = await server.ConnectAsync();
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task The_session_is_told_back_on_one_line()
    {
        var id = Guid.NewGuid();
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();
        Assert.Equal("OK", await control.AskAsync($$"""ASSIGN {{id}} [ "p\n1" , "é\u00e9" ]"""));

        await control.SendAsync("SESSION\n");
        using var reader = new StreamReader(control.Stream, System.Text.Encoding.UTF8);

        Assert.Equal($$"""SESSION {{id}} ["p\n1","é\u00e9"]""", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_session_given_at_the_start_is_one_that_is_assigned()
    {
        var id = Guid.NewGuid();
        await using var server = await GameServerProcess.StartStandbyAsync(
            (GameServerSettings.SessionId, id.ToString()), (GameServerSettings.Players, Players));
        await using var control = await server.ConnectControlAsync();

        Assert.Equal($"SESSION {id} {Players}", await control.AskAsync("SESSION"));
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {id} []"));
        Assert.Equal($"BUSY {id}", await control.AskAsync($"ASSIGN {Guid.NewGuid()} []"));
    }

    [Fact]
    public async Task A_limit_of_the_fleet_caps_what_a_client_may_ask_for()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();
        Assert.Equal("OK", await control.AskAsync("LONGEST_MATCH 7200"));
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {Guid.NewGuid()} {Players}"));
        Assert.Equal("OK", await control.AskAsync("LONGEST_MATCH 1"));

        await using var client = await server.ConnectAsync();

        Assert.Equal("RUNNING_LENGTH 7200", await client.AskAsync("REQUEST_MATCH 86400"));
    }

    [Theory]
    [InlineData("LONGEST_MATCH")]
    [InlineData("LONGEST_MATCH ")]
    [InlineData("LONGEST_MATCH 0")]
    [InlineData("LONGEST_MATCH -5")]
    [InlineData("LONGEST_MATCH 86401")]
    [InlineData("LONGEST_MATCH 99999999999999999999")]
    [InlineData("LONGEST_MATCH 7200s")]
    [InlineData("LONGEST_MATCH 1 2")]
    public async Task A_limit_that_is_none_is_unknown(string line)
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();

        Assert.Equal("UNKNOWN", await control.AskAsync(line));
    }

    [Fact]
    public async Task The_same_session_may_be_assigned_again_and_another_may_not()
    {
        var id = Guid.NewGuid();
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var first = await server.ConnectControlAsync();
        await using var second = await server.ConnectControlAsync();

        Assert.Equal("OK", await first.AskAsync($"ASSIGN {id} {Players}"));
        Assert.Equal("OK", await second.AskAsync($"assign {id.ToString().ToUpperInvariant()} []"));
        Assert.Equal($"BUSY {id}", await second.AskAsync($"ASSIGN {Guid.NewGuid()} {Players}"));
        Assert.Equal($"SESSION {id} {Players}", await second.AskAsync("SESSION"));
    }

    [Fact]
    public async Task A_fleet_sees_the_state_and_the_length_without_being_a_client()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {Guid.NewGuid()} {Players}"));
        Assert.Equal("STATE open", await control.AskAsync("GET_STATE"));
        Assert.Equal("RUNNING_LENGTH 0", await control.AskAsync("get_running_length"));

        await using (var client = await server.ConnectAsync())
        {
            Assert.Equal("RUNNING_LENGTH 600", await client.AskAsync("REQUEST_MATCH 600"));
            Assert.Equal("STATE running", await control.AskAsync("GET_STATE"));
            Assert.Equal("RUNNING_LENGTH 600", await control.AskAsync("GET_RUNNING_LENGTH"));
        }

        // Its last client has left, whoever is on the control port.
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Of_50_assignments_at_once_exactly_one_wins_and_the_others_hear_which()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        var fleets = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.ConnectControlAsync()));
        var ids = fleets.Select(_ => Guid.NewGuid()).ToArray();

        var answers = await Task.WhenAll(fleets.Select((fleet, i) => fleet.AskAsync($"ASSIGN {ids[i]} {Players}")));

        var winner = ids[Array.IndexOf(answers, "OK")];
        Assert.Single(answers, "OK");
        Assert.Equal(49, answers.Count(answer => answer == $"BUSY {winner}"));
        foreach (var fleet in fleets)
        {
            await fleet.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_wrong_token_is_denied_and_the_connection_closed()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        string[] tokens =
            ["wrong", "", GameServerProcess.Token + "x", GameServerProcess.Token[..^1], GameServerProcess.Token + "\0", new('x', 900)];
        foreach (var token in tokens)
        {
            await using var control = await LineClient.ConnectAsync(server.ControlPort);
            await control.SendAsync($"AUTH {token}\n");
            Assert.Equal(["DENIED"], await control.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Without_a_token_in_the_settings_nobody_is_let_in()
    {
        await using var server = await GameServerProcess.StartStandbyAsync((GameServerSettings.ControlToken, ""));
        await using var control = await LineClient.ConnectAsync(server.ControlPort);

        await control.SendAsync("AUTH \n");

        Assert.Equal(["DENIED"], await control.ReadToEndAsync());
    }

    [Fact]
    public async Task Whoever_is_not_let_in_is_denied_everything()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await LineClient.ConnectAsync(server.ControlPort);

        await control.SendAsync($"SESSION\nASSIGN {Guid.NewGuid()} []\nSTOP\nHELLO\n");

        Assert.Equal(["DENIED", "DENIED", "DENIED", "DENIED"], await control.ReadLinesAsync(4));
        Assert.Equal("OK", await control.AskAsync($"AUTH {GameServerProcess.Token}"));
        Assert.Equal("STANDBY", await control.AskAsync("SESSION"));
    }

    [Fact]
    public async Task Whoever_is_not_let_in_may_not_send_long_lines()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await LineClient.ConnectAsync(server.ControlPort);

        await control.SendAsync(new string('x', 5000) + "\n");

        Assert.Equal(["DENIED"], await control.ReadToEndAsync());
    }

    [Fact]
    public async Task Strangers_who_wait_keep_no_fleet_out()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var early = await server.ConnectControlAsync();
        var strangers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => ConnectAsync()));

        await using var fleet = await server.ConnectControlAsync();
        Assert.Equal("STANDBY", await fleet.AskAsync("SESSION"));
        Assert.Equal("STANDBY", await early.AskAsync("SESSION"));
        foreach (var stranger in strangers.OfType<LineClient>())
        {
            await stranger.DisposeAsync();
        }

        // Null for a stranger who has already lost its place while it was still connecting.
        async Task<LineClient?> ConnectAsync()
        {
            try
            {
                return await LineClient.ConnectAsync(server.ControlPort);
            }
            catch (SocketException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task A_connection_that_does_not_authenticate_is_closed_after_10_seconds()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var fleet = await server.ConnectControlAsync();
        var clock = Stopwatch.StartNew();
        await using var stranger = await LineClient.ConnectAsync(server.ControlPort);

        await Assert.ThrowsAnyAsync<IOException>(stranger.ReadToEndAsync);

        Assert.InRange(clock.Elapsed.TotalSeconds, 9, 50);
        Assert.Equal("STANDBY", await fleet.AskAsync("SESSION"));
    }

    [Fact]
    public async Task The_control_port_may_listen_elsewhere_than_the_game_port()
    {
        await using var server = await GameServerProcess.StartStandbyAsync(
            (GameServerSettings.ListenAddress, "0.0.0.0"), (GameServerSettings.ControlListenAddress, "127.0.0.1"));
        await using var control = await server.ConnectControlAsync();
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {Guid.NewGuid()} []"));

        Assert.True(Accepts(server.GamePort));
        Assert.False(Accepts(server.ControlPort));

        static bool Accepts(int port)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect("127.0.0.2", port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_session_with_ticket_terms_seats_its_players()
    {
        var id = Guid.NewGuid();
        using var tickets = new TestTickets();
        using var others = new TestTickets();
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();
        await control.SendAsync($"TICKETS {tickets.Terms().ToJson()}\nASSIGN {id} {Players}\n");
        Assert.Equal(["OK", "OK"], await control.ReadLinesAsync(2));

        await using var first = await server.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await first.AskAsync($"JOIN {tickets.Make("p1", id)}"));

        // Another backend assigns the same match, in the middle of a rotation.
        await using var second = await server.ConnectAsync();
        Assert.Equal("DENIED unknown_key", await second.AskAsync($"JOIN {others.Make("p2", id)}"));
        await using var another = await server.ConnectControlAsync();
        await another.SendAsync($"TICKETS {others.Terms().ToJson()}\nASSIGN {id} {Players}\n");
        Assert.Equal(["OK", "OK"], await another.ReadLinesAsync(2));
        Assert.Equal("JOINED 1 p2", await second.AskAsync($"JOIN {others.Make("p2", id)}"));
        Assert.Equal("JOINED 0 p1", await first.AskAsync($"JOIN {tickets.Make("p1", id)}"));
    }

    [Fact]
    public async Task A_session_without_ticket_terms_takes_none_later()
    {
        var id = Guid.NewGuid();
        using var tickets = new TestTickets();
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {id} {Players}"));

        Assert.Equal("UNKNOWN", await control.AskAsync($"TICKETS {tickets.Terms().ToJson()}"));
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {id} {Players}"));
        await using var client = await server.ConnectAsync();
        Assert.Equal("DENIED no_keys", await client.AskAsync($"JOIN {tickets.Make("p1", id)}"));
    }

    [Fact]
    public async Task A_hundred_players_of_the_longest_ids_fit_into_a_line()
    {
        var id = Guid.NewGuid();
        var ids = Enumerable.Range(0, 100).Select(i => $"\"{i:000}{string.Concat(Enumerable.Repeat("\\u00e9", 125))}\"");
        var players = $"[{string.Join(',', ids)}]";
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();

        Assert.Equal("OK", await control.AskAsync($"ASSIGN {id} {players}"));
        Assert.Equal($"SESSION {id} {players}", await control.AskAsync("SESSION"));
    }

    [Theory]
    [InlineData("ASSIGN")]
    [InlineData("ASSIGN p1 []")]
    [InlineData("ASSIGN 0b6e2a8e-0000-4000-8000-000000000001")]
    [InlineData("ASSIGN 0b6e2a8e-0000-4000-8000-000000000001 ")]
    [InlineData("ASSIGN 0b6e2a8e-0000-4000-8000-000000000001 {}")]
    [InlineData("ASSIGN 0b6e2a8e-0000-4000-8000-000000000001 [1]")]
    [InlineData("ASSIGN 0b6e2a8e-0000-4000-8000-000000000001 [\"p1\"")]
    [InlineData("ASSIGN 0b6e2a8e-0000-4000-8000-000000000001 [] []")]
    [InlineData("ASSIGN 0b6e2a8e000040008000000000000001 []")]
    [InlineData("TICKETS")]
    [InlineData("TICKETS {}")]
    [InlineData("TICKETS {\"server\":\"s\",\"keys\":{\"k\":\"AAAA\"}}")]
    [InlineData("SESSION please")]
    [InlineData("STOPP")]
    [InlineData("")]
    public async Task Anything_else_is_unknown_and_assigns_nothing(string line)
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();

        Assert.Equal("UNKNOWN", await control.AskAsync(line));
        Assert.Equal("STANDBY", await control.AskAsync("SESSION"));
    }

    [Fact]
    public async Task Stop_tells_the_clients_and_ends_the_process()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();
        Assert.Equal("OK", await control.AskAsync($"ASSIGN {Guid.NewGuid()} []"));
        await using var client = await server.ConnectAsync();
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));

        Assert.Equal("OK", await control.AskAsync("STOP"));

        Assert.Equal(["STATE stop"], await client.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Stop_ends_a_standby_server()
    {
        await using var server = await GameServerProcess.StartStandbyAsync();
        await using var control = await server.ConnectControlAsync();

        Assert.Equal("OK", await control.AskAsync("STOP"));

        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task An_assigned_session_that_nobody_connects_to_ends()
    {
        await using var server = await GameServerProcess.StartStandbyAsync((GameServerSettings.ConnectTimeoutSeconds, "3"));
        await using var control = await server.ConnectControlAsync();

        Assert.Equal("OK", await control.AskAsync($"ASSIGN {Guid.NewGuid()} []"));

        Assert.Equal(0, await server.ExitAsync());
    }
}
