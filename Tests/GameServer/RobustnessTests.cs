using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameStack.Contracts;
using GameStack.Contracts.Settings;
using GameStack.GameServer.Game;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer;

/// <summary>Clients that are many, fast, slow, broken or hostile.</summary>
public sealed class RobustnessTests
{
    private const int MiB = 1024 * 1024;

    /// <summary>Lets the runtime have so much memory (hexadecimal), as a container's limit does.</summary>
    private const string MemoryLimit = "DOTNET_GCHeapHardLimit";

    [Fact]
    public async Task A_hundred_thousand_pipelined_commands_are_answered_in_order()
    {
        const int Rounds = 25_000;
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        var sending = client.SendAsync(string.Concat(Enumerable.Repeat("GET_STATE\nGET_RUNNING_LENGTH\nWHAT\n\n", Rounds)));
        var lines = await client.ReadLinesAsync(4 * Rounds);
        await sending;

        for (var i = 0; i < lines.Length; i += 4)
        {
            Assert.Equal(["STATE open", "RUNNING_LENGTH 0", "UNKNOWN", "UNKNOWN"], lines[i..(i + 4)]);
        }
    }

    [Fact]
    public async Task Floods_on_many_connections_do_not_starve_another()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        using var enough = new CancellationTokenSource();
        var floods = Enumerable.Range(0, 16).Select(_ => FloodAsync(server, enough.Token)).ToArray();
        await using var client = await server.ConnectAsync();

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        }

        Assert.All(floods, flood => Assert.False(flood.IsCompleted, flood.Exception?.Message));
        await enough.CancelAsync();
        await Task.WhenAll(floods);
    }

    [Fact]
    public async Task No_client_sees_the_state_move_backwards()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.ConnectAsync()));
        await using var requester = await server.ConnectAsync();

        // All at once: a client that does not read for some seconds is dropped.
        var reading = clients.Select(client => Task.Run(() => client.ReadLinesAsync(20_001))).ToArray();
        var asking = clients.Select(client => client.SendAsync(string.Concat(Enumerable.Repeat("GET_STATE\n", 20_000)))).ToArray();
        await requester.SendAsync("REQUEST_MATCH 400\n");
        await Task.WhenAll(asking);

        foreach (var lines in await Task.WhenAll(reading))
        {
            Assert.Equal(20_001, lines.Length);
            Assert.All(lines[..Array.IndexOf(lines, "STATE running")], line => Assert.Equal("STATE open", line));
            Assert.All(lines[Array.IndexOf(lines, "STATE running")..], line => Assert.Equal("STATE running", line));
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_dropped_and_the_others_are_served()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();
        await using var slow = await server.ConnectAsync(receiveBufferBytes: 4096);
        var flood = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET_STATE\n", 10_000)));

        var dropped = Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await slow.Stream.WriteAsync(flood, TestContext.Current.CancellationToken);
            }
        });

        while (!dropped.IsCompleted)
        {
            Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        }

        await dropped;
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_client_that_does_not_read_does_not_keep_a_running_match_alive()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var slow = await server.ConnectAsync(receiveBufferBytes: 4096);
        await slow.SendAsync("REQUEST_MATCH 5000\n");
        var flood = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET_STATE\n", 10_000)));

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await slow.Stream.WriteAsync(flood, TestContext.Current.CancellationToken);
            }
        });

        Assert.Equal(0, await server.ExitAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_lines_of_random_bytes_the_server_still_answers(int seed)
    {
        const int Lines = 20_000;
        var random = new Random(seed);
        var bytes = new MemoryStream();
        for (var i = 0; i < Lines; i++)
        {
            bytes.Write(RandomLine(random));
        }

        bytes.Write("GET_RUNNING_LENGTH\n"u8);
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var client = await server.ConnectAsync();

        var sending = SendInPiecesAsync(client, bytes.ToArray(), random);
        var answers = await client.ReadLinesAsync(Lines + 1);
        await sending;

        Assert.Equal("RUNNING_LENGTH 0", answers[^1]);
        Assert.All(answers[..^1], answer => Assert.True(answer is "UNKNOWN" or "STATE open", answer));
        Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task Clients_that_come_and_go_at_once_leave_nothing_behind()
    {
        await using var server = await GameServerProcess.StartOpenAsync();
        var random = new Random(11);
        for (var round = 0; round < 40; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 25).Select(async i =>
            {
                await using var client = await server.ConnectAsync();
                if (i % 3 > 0)
                {
                    await client.SendAsync("GET_STATE\nGET_ST");
                }

                if (i % 2 == 0)
                {
                    client.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
                }
            }));
        }

        await using var last = await server.ConnectAsync();
        Assert.Equal("RUNNING_LENGTH 1", await last.AskAsync("REQUEST_MATCH 1"));
        Assert.Equal("STATE stop", (await last.ReadToEndAsync())[^1]);
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task With_few_descriptors_some_are_turned_away_and_others_are_served_and_when_they_leave_there_is_room_again()
    {
        await using var server = await GameServerProcess.StartOpenAsync(softDescriptors: 256, hardDescriptors: 256);
        var clients = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => server.ConnectAsync(from: AddressOf(i))));

        var served = 0;
        foreach (var client in clients)
        {
            served += await IsServedAsync(client) ? 1 : 0;
        }

        Assert.InRange(served, 100, 256);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        // The server hears of each one's leaving in its own time.
        var roomAgain = false;
        while (!roomAgain)
        {
            await using var another = await server.ConnectAsync();
            roomAgain = await IsServedAsync(another);
        }
    }

    [Fact]
    public async Task A_soft_limit_of_descriptors_is_raised_to_the_hard_one()
    {
        await using var server = await GameServerProcess.StartOpenAsync(softDescriptors: 64, hardDescriptors: 1000);
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => server.ConnectAsync()));

        foreach (var client in clients)
        {
            Assert.Equal("STATE open", await client.AskAsync("GET_STATE"));
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>As many connections as this process may open, at most the server's own bound.</summary>
    [Fact]
    public async Task Ten_thousand_clients_are_told_and_one_more_is_turned_away()
    {
        const int Bound = 10_000;
        var fits = GameCapacity.Of(int.MaxValue, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var count = Math.Min(fits, DescriptorLimit() - 1000);
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.ConnectTimeoutSeconds, "600"));
        var clients = new List<LineClient>(count);
        try
        {
            while (clients.Count < count)
            {
                var more = Math.Min(200, count - clients.Count);
                clients.AddRange(await Task.WhenAll(Enumerable.Range(0, more).Select(i => server.ConnectAsync(from: AddressOf(i)))));
            }

            Assert.Equal("STATE open", await clients[^1].AskAsync("GET_STATE"));
            if (count == Bound)
            {
                await using var oneMore = await server.ConnectAsync();
                Assert.Empty(await oneMore.ReadToEndAsync());
            }

            await clients[0].SendAsync("REQUEST_MATCH 600\n");
            Assert.Equal(["RUNNING_LENGTH 600", "STATE running"], await clients[0].ReadLinesAsync(2));
            foreach (var client in clients.Skip(1))
            {
                Assert.Equal("STATE running", await client.ReadLineAsync());
            }

            server.Signal(UnixSignals.Terminate);
            foreach (var client in clients)
            {
                Assert.Equal("STATE stop", await client.ReadLineAsync());
                await client.DisposeAsync();
            }

            Assert.Equal(0, await server.ExitAsync());
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task One_address_has_a_quarter_of_the_places_and_others_have_the_rest()
    {
        await using var server = await GameServerProcess.StartOpenAsync(softDescriptors: 256, hardDescriptors: 256);

        Assert.Equal(32, await CountServedAsync(server, 60, IPAddress.Parse("127.0.0.2")));
    }

    [Fact]
    public async Task As_many_guests_as_the_match_has_players_may_connect_from_one_address_without_tickets()
    {
        var players = JsonSerializer.Serialize(Enumerable.Range(0, 100).Select(i => $"p{i}"));
        await using var server = await GameServerProcess.StartOpenAsync(
            softDescriptors: 256, hardDescriptors: 256, (GameServerSettings.Players, players));

        Assert.Equal(100, await CountServedAsync(server, 110, IPAddress.Parse("127.0.0.2")));
    }

    [Fact]
    public async Task With_too_little_memory_the_server_says_so_and_does_not_start()
    {
        await using var server = GameServerProcess.Start(
            (GameServerSettings.SessionId, Guid.NewGuid().ToString()), (MemoryLimit, (16 * MiB).ToString("X", null)));

        Assert.Equal(
            "A game server has 16 MiB of memory here, but needs at least 23 MiB.", await server.ReadErrorsAsync());
        Assert.Equal(SettingException.ExitCode, await server.ExitAsync());
    }

    /// <summary>A container with 64 MiB leaves 48 MiB to the garbage collector, and a server that needs more is killed.</summary>
    [Fact]
    public async Task With_every_place_taken_by_clients_that_do_not_read_the_server_keeps_to_its_memory()
    {
        const int Memory = 48 * MiB;
        var places = GameCapacity.Of(int.MaxValue, Memory);
        await using var server = await GameServerProcess.StartOpenAsync((MemoryLimit, Memory.ToString("X", null)));
        var clients = await Task.WhenAll(
            Enumerable.Range(0, places - 1).Select(i => server.ConnectAsync(receiveBufferBytes: 4096, from: AddressOf(i))));
        await using var last = await server.ConnectAsync();
        var flood = Encoding.ASCII.GetBytes(new string('\n', 64 * 1024));

        var floods = clients.Select(client => FloodAsync(client, flood)).ToArray();
        while (floods.Any(one => !one.IsCompleted))
        {
            Assert.Equal("STATE open", await last.AskAsync("GET_STATE"));
        }

        Assert.InRange(PeakMiB(server.Id), 1, 64);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>Many clients have several addresses, since one may not have all places.</summary>
    private static IPAddress AddressOf(int client) => IPAddress.Parse($"127.0.0.{1 + (client % 8)}");

    /// <summary>Writes without reading until the server drops the connection.</summary>
    private static async Task FloodAsync(LineClient client, byte[] bytes)
    {
        try
        {
            while (true)
            {
                await client.Stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // Dropped.
        }
    }

    /// <summary>The most that the process had at once: <c>VmHWM:      4096 kB</c>.</summary>
    private static double PeakMiB(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static async Task<int> CountServedAsync(GameServerProcess server, int count, IPAddress from)
    {
        var served = 0;
        var clients = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => server.ConnectAsync(from: from)));
        foreach (var client in clients)
        {
            served += await IsServedAsync(client) ? 1 : 0;
        }

        await using (var stranger = await server.ConnectAsync(from: IPAddress.Parse("127.0.0.3")))
        {
            Assert.True(await IsServedAsync(stranger));
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        return served;
    }

    private static async Task<bool> IsServedAsync(LineClient client)
    {
        try
        {
            return await client.AskAsync("GET_STATE") == "STATE open";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task FloodAsync(GameServerProcess server, CancellationToken enough)
    {
        await using var client = await server.ConnectAsync();
        var commands = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET_STATE\n", 5000)));
        var answers = new byte[64 * 1024];
        var reading = Task.Run(
            async () =>
            {
                while (await client.Stream.ReadAsync(answers, enough) > 0)
                {
                }
            },
            CancellationToken.None);
        try
        {
            while (true)
            {
                await client.Stream.WriteAsync(commands, enough);
            }
        }
        catch (OperationCanceledException)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }
    }

    private static byte[] RandomLine(Random random)
    {
        var line = new byte[random.Next(0, 60)];
        random.NextBytes(line);
        if (random.Next(4) == 0)
        {
            Encoding.ASCII.GetBytes("GET_STATE")[..Math.Min(9, line.Length)].CopyTo(line, 0);
        }

        return [.. line.Where(letter => letter != '\n'), (byte)'\n'];
    }

    private static async Task SendInPiecesAsync(LineClient client, byte[] bytes, Random random)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - sent, random.Next(1, 9000));
            await client.SendAsync(bytes.AsMemory(sent, length));
            sent += length;
        }
    }

    /// <summary>
    /// The soft limit that the runtime has raised to the hard one at its start: <c>Max open files  20000  20000  files</c>.
    /// </summary>
    internal static int DescriptorLimit()
    {
        var line = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return int.TryParse(soft, out var limit) ? limit : int.MaxValue;
    }
}
