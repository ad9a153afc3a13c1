using System.Net.Sockets;
using GameStack.Contracts;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Matches;

/// <summary>Everything that ends a match, and what its clients hear of it.</summary>
public sealed class MatchEndTests
{
    [Fact]
    public async Task When_the_length_has_passed_every_client_is_told_and_the_process_exits_with_0()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();

        await first.SendAsync("REQUEST_MATCH 0.2\n");

        Assert.Equal(["RUNNING_LENGTH 1", "STATE running", "STATE stop"], await first.ReadToEndAsync());
        Assert.Equal(["STATE running", "STATE stop"], await second.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Clients_that_go_on_sending_still_read_the_last_line()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync("REQUEST_MATCH 1\n");
        using var enough = new CancellationTokenSource();
        var sending = Task.Run(
            async () =>
            {
                try
                {
                    while (!enough.IsCancellationRequested)
                    {
                        await client.Stream.WriteAsync("GET_STATE\n"u8.ToArray(), enough.Token);
                    }
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException)
                {
                    // The server has closed, or the test is over.
                }
            },
            TestContext.Current.CancellationToken);

        var lines = await client.ReadToEndAsync();
        await enough.CancelAsync();
        await sending;

        Assert.Equal("STATE stop", lines[^1]);
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task When_the_last_client_leaves_a_running_match_the_process_exits_with_0()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await first.SendAsync("REQUEST_MATCH 500\n");
        await first.ReadLinesAsync(2);

        await first.DisposeAsync();
        Assert.Equal("STATE running", await second.ReadLineAsync());
        Assert.Equal("STATE running", await second.AskAsync("GET_STATE"));
        await second.DisposeAsync();

        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task A_client_that_resets_its_connection_has_left_too()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync("REQUEST_MATCH 500\n");
        await client.ReadLinesAsync(2);

        client.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Socket.Close();

        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Clients_that_leave_an_open_match_do_not_end_it()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        for (var i = 0; i < 3; i++)
        {
            await using var client = await server.ConnectAsync();
            Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        }

        await using var last = await server.ConnectAsync();
        Assert.Equal("STATE open", await last.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_match_that_nobody_connects_to_ends()
    {
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.ConnectTimeoutSeconds, "3"));

        Assert.StartsWith("open: ", await server.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal("stop: nobody is connected", await server.ReadLineAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task An_open_match_that_everybody_has_left_ends()
    {
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.ConnectTimeoutSeconds, "10"));
        await using (var client = await server.ConnectAsync())
        {
            Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        }

        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task A_match_that_nobody_requests_ends_though_clients_are_connected()
    {
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.OpenTimeoutSeconds, "5"));
        await using var client = await server.ConnectAsync();

        Assert.Equal(["STATE stop"], await client.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Theory]
    [InlineData(UnixSignals.Terminate)]
    [InlineData(UnixSignals.Interrupt)]
    [InlineData(UnixSignals.HangUp)]
    public async Task A_signal_ends_the_match_and_its_clients_are_told(int signal)
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));

        server.Signal(signal);

        Assert.Equal(["STATE stop"], await client.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Theory]
    [InlineData(UnixSignals.Terminate)]
    [InlineData(UnixSignals.HangUp)]
    public async Task A_signal_ends_a_standby_server(int signal)
    {
        await using var server = await GameServerProcess.StartStandbyAsync();

        server.Signal(signal);

        Assert.Equal(0, await server.ExitAsync());
    }

    [Theory]
    [InlineData(UnixSignals.Interrupt)]
    [InlineData(UnixSignals.HangUp)]
    public async Task What_a_terminal_sends_to_all_is_left_to_the_parent(int signal)
    {
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.StopWithParent, "1"));
        await using var client = await server.ConnectAsync();

        server.Signal(signal);

        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        server.CloseInput();
        Assert.Equal(["STATE stop"], await client.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task The_end_of_standard_input_ends_a_server_that_is_to_stop_with_its_parent()
    {
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.StopWithParent, "1"));
        await using var client = await server.ConnectAsync();
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));

        server.CloseInput();

        Assert.Equal(["STATE stop"], await client.ReadToEndAsync());
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task The_end_of_standard_input_means_nothing_to_others()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        server.CloseInput();
        await using var client = await server.ConnectAsync();

        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task Each_change_of_state_is_a_line_on_standard_output_and_nothing_else_is()
    {
        var sessionId = Guid.NewGuid();
        await using var server = await GameServerProcess.StartOpenAsync(
            (GameServerSettings.SessionId, sessionId.ToString()),
            (GameServerSettings.Players, """["p1", "p2"]"""));
        await using (var client = await server.ConnectAsync())
        {
            await client.SendAsync("GET_STATE\nREQUEST_MATCH 90\n");
            await client.ReadLinesAsync(3);
        }

        Assert.Equal($"open: session {sessionId}, 2 players", await server.ReadLineAsync());
        Assert.Equal("running: 90 s", await server.ReadLineAsync());
        Assert.Equal("stop: the last client left", await server.ReadLineAsync());
        Assert.Null(await server.ReadLineAsync());
        Assert.Empty(await server.ReadErrorsAsync());
    }
}
