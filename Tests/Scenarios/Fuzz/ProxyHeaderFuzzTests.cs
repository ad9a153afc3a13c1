using System.Net;
using System.Net.Sockets;
using System.Text;
using GameStack.Proxy.Listening.ProxyProtocol;
using GameStack.Tests.Proxy;
using GameStack.Tests.Proxy.Listening.ProxyProtocol;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>PROXY headers and what resembles them, for the parser and for a proxy that expects them.</summary>
[Collection(MachineCollection.Name)]
public sealed class ProxyHeaderFuzzTests
{
    private const string Call = "GET /alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private const int Connections = 2_000;

    [Fact]
    public void The_parser_decides_the_same_however_few_bytes_it_sees_at_first()
    {
        var random = FuzzRun.RandomOf(-10);
        var counts = new SortedDictionary<ProxyHeaderState, int>();
        for (var i = 0; i < FuzzRun.Lines / 20; i++)
        {
            var bytes = Next(random, out _);
            var whole = ProxyHeaderParser.Parse(bytes, out var header);
            counts[whole] = counts.GetValueOrDefault(whole) + 1;

            for (var length = 0; length < Math.Min(bytes.Length, 300); length++)
            {
                var part = ProxyHeaderParser.Parse(bytes.AsSpan(0, length), out var early);
                if (part != ProxyHeaderState.Incomplete && (part, early) != (whole, header))
                    Assert.Fail($"{FuzzRun.Name}: {Convert.ToHexString(bytes)} is {whole}, but {part} after {length} bytes.");
            }

            Assert.True(whole == ProxyHeaderState.Complete ? header.Length <= bytes.Length : header == default, FuzzRun.Name);
            Assert.False(whole == ProxyHeaderState.Incomplete && bytes.Length >= ProxyHeaderParser.MaxBytes, FuzzRun.Name);
        }

        FuzzRun.Print(string.Join(", ", counts.Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.Equal(3, counts.Count);
    }

    [Fact]
    public async Task A_proxy_answers_after_each_header_and_closes_after_anything_else()
    {
        using var within = Waits.Within(FuzzRun.Limit);
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, $"urls=http://127.0.0.1:{port}", "TrustedProxies=127.0.0.0/8", $"ProxyProtocol:Ports={port}");

        await Parallel.ForAsync(0, Connections, within.Token, async (i, cancellationToken) =>
        {
            var random = FuzzRun.RandomOf(20_000 + i);
            var bytes = Next(random, out var isHeader);
            var answer = await SendAsync(proxy.Address, bytes, endsThere: !isHeader, random, cancellationToken);
            var code = answer.Length == 0 ? 0 : RawHttp.StatusOf(answer);
            Assert.True(
                isHeader ? code == 200 : code is < 500 or 505,
                $"{FuzzRun.Name}: after {Convert.ToHexString(bytes)} came '{answer}'.");
        });

        Assert.Equal(200, RawHttp.StatusOf(
            await SendAsync(proxy.Address, TestHeaders.Line("PROXY UNKNOWN"), endsThere: false, new Random(0), within.Token)));
    }

    private static byte[] Next(Random random, out bool isHeader)
    {
        var header = random.Next(6) switch
        {
            0 => TestHeaders.Line("PROXY UNKNOWN " + new string('x', random.Next(90))),
            1 => TestHeaders.Binary(TestHeaders.Local, (byte)random.Next(256), new byte[random.Next(100)]),
            2 or 3 => TestHeaders.Line(Client(random)),
            _ => TestHeaders.Binary(Client(random), new byte[random.Next(3) == 0 ? random.Next(4000) : 0]),
        };
        isHeader = random.Next(3) == 0;
        return isHeader ? header : random.Next(4) switch
        {
            0 => LineShapes.Noise(random, most: 5000),
            1 => header[..random.Next(header.Length)],
            _ => Changed(random, header),
        };
    }

    private static IPEndPoint Client(Random random)
    {
        var address = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(address);
        return new IPEndPoint(new IPAddress(address), random.Next(65536));
    }

    private static byte[] Changed(Random random, byte[] header)
    {
        var bytes = header.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    bytes.RemoveAt(at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Sends these bytes and a call, in pieces of any size.</summary>
    private static async Task<string> SendAsync(
        Uri proxy, byte[] bytes, bool endsThere, Random random, CancellationToken cancellationToken)
    {
        byte[] all = [.. bytes, .. Encoding.ASCII.GetBytes(Call)];
        using var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(proxy.Host, proxy.Port, cancellationToken);
        var stream = connection.GetStream();
        try
        {
            foreach (var part in all.Chunk(random.Next((all.Length / 64) + 1, all.Length + 1)))
            {
                await stream.WriteAsync(part, cancellationToken);
            }

            // Otherwise, the proxy waits for the rest of a header that was cut off.
            if (endsThere)
                connection.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
