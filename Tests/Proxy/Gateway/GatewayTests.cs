using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Proxy.Listening.ProxyProtocol;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Proxy.Gateway;

public sealed class GatewayTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> RefusedTickets => new()
    {
        { "not a ticket", "malformed" },
        { "forged", "bad_signature" },
        { "unsigned", "wrong_algorithm" },
        { "expired", "expired" },
        { "for another audience", "wrong_audience" },
        { "of another key", "unknown_key" },
    };

    [Fact]
    public async Task Bytes_go_both_ways_and_the_server_gets_the_first_line_too()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            await server.SendLineAsync("JOINED 0 p1");
            await player.SendLineAsync("GET_STATE");

            Assert.Equal("JOINED 0 p1", await player.ReadLineAsync());
            Assert.Equal("GET_STATE", await server.ReadLineAsync());
        }
    }

    [Fact]
    public async Task What_arrives_together_with_the_first_line_is_not_lost()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var player = await gateway.ConnectAsync();
        var first = $"join {gateway.Ticket()}\r";

        await player.SendAsync($"{first}\nGET_STATE\nGET_RUN");
        await using var server = await gateway.Server.AcceptedAsync();
        await player.SendAsync("NING_LENGTH\n");

        Assert.Equal([first.TrimEnd('\r'), "GET_STATE", "GET_RUNNING_LENGTH"], await server.ReadLinesAsync(3));
    }

    [Theory, MemberData(nameof(RefusedTickets))]
    public async Task A_ticket_that_does_not_count_leads_nowhere(string kind, string reason)
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var player = await gateway.ConnectAsync();

        await player.SendLineAsync($"JOIN {WrongTickets.Make(kind, gateway)}");

        Assert.Equal([$"DENIED {reason}"], await player.ReadToEndAsync());
        Assert.Equal(0, gateway.Server.Untaken);
    }

    [Theory]
    [InlineData("GET_STATE\n", "no_ticket")]
    [InlineData("\n", "no_ticket")]
    [InlineData("JOIN \n", "no_ticket")]
    public async Task A_first_line_without_a_ticket_leads_nowhere(string opening, string reason)
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var player = await gateway.ConnectAsync();

        await player.SendAsync(opening);

        Assert.Equal([$"DENIED {reason}"], await player.ReadToEndAsync());
    }

    [Fact]
    public async Task A_first_line_that_is_too_long_is_refused_before_its_end()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var player = await gateway.ConnectAsync();

        await player.SendAsync("JOIN " + new string('x', 5000));

        Assert.Equal(["DENIED malformed"], await player.ReadToEndAsync());
    }

    [Fact]
    public async Task A_player_who_says_nothing_is_refused_after_a_while()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:JoinTimeout=00:00:00.2");
        await using var player = await gateway.ConnectAsync();

        await player.SendAsync("JOIN ey");

        Assert.Equal(["DENIED timed_out"], await player.ReadToEndAsync());
    }

    [Fact]
    public async Task A_server_that_has_ended_cannot_be_reached()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Server.Stop();
        await using var player = await gateway.ConnectAsync();

        await player.SendLineAsync($"JOIN {gateway.Ticket()}");

        Assert.Equal(["DENIED unreachable"], await player.ReadToEndAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_accept_is_given_up()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:ConnectTimeout=00:00:00.3");
        using var full = new FullListener();
        await using var player = await gateway.ConnectAsync();

        await player.SendLineAsync($"JOIN {gateway.Tickets.Make("p1", Guid.NewGuid(), address: new Uri(full.Address).Authority)}");

        Assert.Equal(["DENIED unreachable"], await player.ReadToEndAsync());
    }

    [Fact]
    public async Task A_player_who_has_said_everything_still_hears_the_server()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            player.Socket.Shutdown(SocketShutdown.Send);
            Assert.Null(await server.ReadLineAsync());
            await server.SendLineAsync("STATE stop");
            server.Socket.Shutdown(SocketShutdown.Send);

            Assert.Equal(["STATE stop"], await player.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task A_server_that_has_said_everything_still_hears_the_player()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            server.Socket.Shutdown(SocketShutdown.Send);
            Assert.Null(await player.ReadLineAsync());
            await player.SendLineAsync("GET_STATE");
            player.Socket.Shutdown(SocketShutdown.Send);

            Assert.Equal(["GET_STATE"], await server.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task The_last_words_of_a_server_reach_a_player_who_keeps_sending()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        {
            await server.SendLineAsync("STATE stop");
            await server.DisposeAsync();
            await player.SendLineAsync("GET_STATE");
            await player.SendLineAsync("GET_STATE");

            Assert.Equal("STATE stop", await player.ReadLineAsync());
        }
    }

    [Fact]
    public async Task A_player_who_vanishes_takes_its_connection_to_the_server_along()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (server)
        {
            player.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            await player.DisposeAsync();

            Assert.Null(await server.ReadLineAsync());
        }
    }

    [Fact]
    public async Task A_player_who_does_not_read_holds_up_the_server_and_not_the_gateways_memory()
    {
        const int Offered = 256 * 1024 * 1024;
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            var chunk = new byte[1024 * 1024];
            var sent = 0;
            using var pause = new CancellationTokenSource();
            try
            {
                while (sent < Offered)
                {
                    pause.CancelAfter(TimeSpan.FromSeconds(5));
                    sent += await server.Socket.SendAsync(chunk, pause.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // Nothing more is taken.
            }

            // The kernel's buffers of four sockets. The process's memory is of no use here: other tests run in it, too.
            Assert.InRange(sent, 1, Offered / 4);
        }
    }

    [Fact]
    public async Task Large_amounts_arrive_whole_and_in_order()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            var bytes = new byte[20 * 1024 * 1024 + 3];
            new Random(1).NextBytes(bytes);
            var sending = server.SendAsync(bytes);
            var received = new byte[bytes.Length];
            await player.Stream.ReadExactlyAsync(received, Cancelled);
            await sending;

            Assert.True(bytes.AsSpan().SequenceEqual(received));
        }
    }

    [Fact]
    public async Task There_are_no_more_connections_than_allowed()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:MaxConnections=1");
        var (player, server) = await gateway.JoinAsync();
        await using (server)
        {
            await using (player)
            {
                await using var second = await gateway.ConnectAsync();
                Assert.Equal(["DENIED full"], await second.ReadToEndAsync());
            }

            Assert.Null(await server.ReadLineAsync());
        }

        var greeting = GreetAsync(gateway);
        await Eventually.IsAsync("a place is free again", _ => IsAdmittedAsync(gateway, gateway.Ticket()), Waits.Patient);
        await greeting;
    }

    [Fact]
    public async Task One_address_has_no_more_connections_than_allowed()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:MaxConnectionsPerAddress=1", "RateLimit:LimitLoopback=true");
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            await using var second = await gateway.ConnectAsync();
            Assert.Equal(["DENIED full"], await second.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task A_load_balancers_PROXY_header_says_which_address_a_connection_counts_for()
    {
        var port = FreePort.Next();
        await using var gateway = await RunningGateway.StartAsync(
            $"Gateway:Port={port}", $"ProxyProtocol:Ports={port}", "TrustedProxies=127.0.0.0/8", "Gateway:MaxConnectionsPerAddress=1");
        await using var first = await ConnectAsync(gateway, "203.0.113.7");
        await first.SendLineAsync($"JOIN {gateway.Ticket()}");
        await using var firstServer = await gateway.Server.AcceptedAsync();
        await using var second = await ConnectAsync(gateway, "203.0.113.7");
        Assert.Equal(["DENIED full"], await second.ReadToEndAsync());

        await using var other = await ConnectAsync(gateway, "203.0.113.8");
        var ticket = gateway.Ticket();
        await other.SendLineAsync($"JOIN {ticket}");

        await using var server = await gateway.Server.AcceptedAsync();
        Assert.Equal($"JOIN {ticket}", await server.ReadLineAsync());
    }

    [Fact]
    public async Task A_drain_lets_matches_in_play_finish_and_admits_nobody_else()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:DrainSeconds=60");
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            var stopped = gateway.Proxy.StopAsync();
            await Eventually.IsAsync("the port is closed", _ => IsRefusedAsync(gateway.Proxy.GatewayPort), Waits.Patient);
            await player.SendLineAsync("GET_STATE");
            Assert.Equal("GET_STATE", await server.ReadLineAsync());
            await server.SendLineAsync("STATE stop");
            Assert.Equal("STATE stop", await player.ReadLineAsync());
            Assert.False(stopped.IsCompleted);

            await server.DisposeAsync();
            await player.DisposeAsync();

            await stopped.WaitAsync(Waits.Patient, Cancelled);
        }
    }

    [Fact]
    public async Task A_drain_that_takes_too_long_cuts_the_connections()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:DrainSeconds=0.2");
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            await gateway.Proxy.StopAsync().WaitAsync(Waits.Patient, Cancelled);

            await Assert.ThrowsAsync<IOException>(server.ReadLineAsync);
        }
    }

    [Fact]
    public async Task Without_a_key_there_is_no_gateway()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        Assert.Throws<InvalidOperationException>(() => proxy.GatewayPort);
        using var play = await proxy.Client.GetAsync("/play", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, play.StatusCode);
    }

    [Fact]
    public async Task A_key_that_is_added_to_the_file_counts_without_a_restart()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var rotated = new TestTickets();
        await File.WriteAllTextAsync(gateway.KeyFile, $"{gateway.Tickets.PublicPem}\n{rotated.PublicPem}\n", Cancelled);

        var greeting = GreetAsync(gateway);
        await Eventually.IsAsync(
            "a ticket of the new key counts",
            _ => IsAdmittedAsync(gateway, rotated.Make("p1", Guid.NewGuid(), address: gateway.Server.Address)),
            Waits.Patient);
        await greeting;
    }

    /// <summary>A player at that address, behind a load balancer.</summary>
    private static async Task<LineClient> ConnectAsync(RunningGateway gateway, string address)
    {
        var player = await gateway.ConnectAsync();
        await player.SendAsync(TestHeaders.Binary(new IPEndPoint(IPAddress.Parse(address), 51234)));
        return player;
    }

    /// <summary>Whether a player is led to the server, which greets the next one (<see cref="GreetAsync"/>).</summary>
    private static async Task<bool> IsAdmittedAsync(RunningGateway gateway, string ticket)
    {
        await using var player = await gateway.ConnectAsync();
        await player.SendLineAsync($"JOIN {ticket}");
        return await player.ReadLineAsync() == "JOINED 0 p1";
    }

    private static async Task GreetAsync(RunningGateway gateway)
    {
        await using var server = await gateway.Server.AcceptedAsync();
        await server.SendLineAsync("JOINED 0 p1");
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        try
        {
            await using var client = await LineClient.ConnectAsync(port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
