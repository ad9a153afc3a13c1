using System.Text;

namespace GameStack.Tests.GameServer.Game;

/// <summary>The rows of the wire contract's TCP table.</summary>
public sealed class GameProtocolTests
{
    [Fact]
    public async Task Before_a_request_the_state_is_open_and_the_length_is_0()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        Assert.Equal("RUNNING_LENGTH 0", await client.AskAsync("GET_RUNNING_LENGTH"));
    }

    [Fact]
    public async Task The_first_request_is_answered_with_the_length_and_then_the_state()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync("REQUEST_MATCH 30\nGET_RUNNING_LENGTH\nGET_STATE\n");

        Assert.Equal(["RUNNING_LENGTH 30", "STATE running", "RUNNING_LENGTH 30", "STATE running"], await client.ReadLinesAsync(4));
    }

    [Fact]
    public async Task Every_connected_client_is_told_that_the_match_runs()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await using var third = await server.ConnectAsync();

        await second.SendAsync("REQUEST_MATCH 30\n");

        Assert.Equal("STATE running", await first.ReadLineAsync());
        Assert.Equal("STATE running", await third.ReadLineAsync());
    }

    [Fact]
    public async Task A_client_that_has_only_just_connected_is_told_too()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var server = await GameServerProcess.StartOpenAsync();
            await using var requester = await server.ConnectAsync();
            Assert.Equal("STATE open", await requester.AskAsync("GET_STATE"));
            var connecting = Enumerable.Range(0, 20).Select(_ => server.ConnectAsync());
            var clients = await Task.WhenAll(connecting);

            await requester.SendAsync("REQUEST_MATCH 30\n");

            foreach (var client in clients)
            {
                Assert.Equal("STATE running", await client.ReadLineAsync());
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_later_request_gets_the_length_that_stands_and_the_state()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var first = await server.ConnectAsync();
        await first.SendAsync("REQUEST_MATCH 30\n");
        await first.ReadLinesAsync(2);
        await using var late = await server.ConnectAsync();

        await late.SendAsync("REQUEST_MATCH 500\n");

        Assert.Equal(["RUNNING_LENGTH 30", "STATE running"], await late.ReadLinesAsync(2));
        Assert.Equal("STATE running", await late.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task Of_many_requests_at_once_one_sets_the_length_and_everybody_hears_the_same()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => server.ConnectAsync()));

        await Task.WhenAll(clients.Select((client, i) => client.SendAsync($"REQUEST_MATCH {100 + i}\n")));

        var lengths = new List<string>();
        foreach (var client in clients)
        {
            // The announcement may come before the answer to a request that was too late to be the first.
            var lines = await client.ReadLinesAsync(2);
            lengths.Add(lines.Single(line => line.StartsWith("RUNNING_LENGTH ", StringComparison.Ordinal)));
            Assert.Contains("STATE running", lines);
            await client.DisposeAsync();
        }

        Assert.Single(lengths.Distinct());
    }

    [Theory]
    [InlineData("REQUEST_MATCH 0.5", "RUNNING_LENGTH 1")]
    [InlineData("REQUEST_MATCH 2.0", "RUNNING_LENGTH 2")]
    [InlineData("REQUEST_MATCH 2.2", "RUNNING_LENGTH 3")]
    [InlineData("REQUEST_MATCH 86400", "RUNNING_LENGTH 86400")]
    [InlineData("REQUEST_MATCH 1e2", "RUNNING_LENGTH 100")]
    [InlineData("request_Match 7\r", "RUNNING_LENGTH 7")]
    [InlineData("  REQUEST_MATCH \t 7  ", "RUNNING_LENGTH 7")]
    public async Task A_valid_request_is_answered_with_whole_seconds(string line, string answer)
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        Assert.Equal(answer, await client.AskAsync(line));
    }

    [Theory]
    [InlineData("REQUEST_MATCH")]
    [InlineData("REQUEST_MATCH ")]
    [InlineData("REQUEST_MATCH 0")]
    [InlineData("REQUEST_MATCH 5\0")]
    [InlineData("REQUEST_MATCH -1")]
    [InlineData("REQUEST_MATCH 86400.01")]
    [InlineData("REQUEST_MATCH 86401")]
    [InlineData("REQUEST_MATCH NaN")]
    [InlineData("REQUEST_MATCH inf")]
    [InlineData("REQUEST_MATCH Infinity")]
    [InlineData("REQUEST_MATCH 1e999")]
    [InlineData("REQUEST_MATCH 0x10")]
    [InlineData("REQUEST_MATCH 1,5")]
    [InlineData("REQUEST_MATCH 30 s")]
    [InlineData("REQUEST_MATCH 30s")]
    [InlineData("REQUEST_MATCH\t")]
    [InlineData("GET_STATE now")]
    [InlineData("GETSTATE")]
    [InlineData("GET_STATE\0")]
    [InlineData("GET_STATE\r\r")]
    [InlineData("STATE open")]
    [InlineData("ＧＥＴ_STATE")]
    [InlineData("")]
    [InlineData("\r")]
    [InlineData(" ")]
    public async Task Anything_else_is_unknown_and_changes_nothing(string line)
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        Assert.Equal("UNKNOWN", await client.AskAsync(line));
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        Assert.Equal("RUNNING_LENGTH 0", await client.AskAsync("GET_RUNNING_LENGTH"));
    }

    [Fact]
    public async Task Commands_that_come_byte_by_byte_are_answered()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        foreach (var letter in Encoding.ASCII.GetBytes("get_state\r\nGET_RUNNING_LENGTH\nREQUEST_MATCH 12\n"))
        {
            await client.SendAsync(new[] { letter });
        }

        Assert.Equal(["STATE open", "RUNNING_LENGTH 0", "RUNNING_LENGTH 12", "STATE running"], await client.ReadLinesAsync(4));
    }

    [Fact]
    public async Task A_client_that_sends_and_closes_its_side_still_gets_its_answers()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync("GET_STATE\nGET_RUNNING_LENGTH\n");
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        Assert.Equal(["STATE open", "RUNNING_LENGTH 0"], await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_line_of_4096_bytes_is_read_and_a_longer_one_closes_the_connection()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        Assert.Equal("STATE open", await client.AskAsync("GET_STATE".PadRight(4095)));
        await client.SendAsync("GET_STATE".PadRight(4096) + "\nGET_STATE\n");

        Assert.Equal(["UNKNOWN"], await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_line_without_an_end_closes_the_connection_and_no_other()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var other = await server.ConnectAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync(new string('x', 100_000));

        Assert.Equal(["UNKNOWN"], await client.ReadToEndAsync());
        Assert.Equal("STATE open", await other.AskAsync("GET_STATE"));
    }
}
