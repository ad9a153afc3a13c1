using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Bench.Gateway;

/// <summary>
/// The ports of 200 matches. The first line of a connection is ignored, and the second one says what happens then: <c>ECHO</c> (all bytes
/// come back), <c>FLOOD</c> (bytes without end) or <c>HELLO</c> (the answer <c>HI</c>).
/// </summary>
internal static class MatchPorts
{
    public const int First = 20_000;
    public const int Count = 200;

    private static readonly byte[] Chunk = new byte[256 * 1024];

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var port in Enumerable.Range(First, Count))
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen(4096);
            _ = AcceptAsync(listener);
        }

        Console.WriteLine("ready");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            _ = ServeAsync(await listener.AcceptAsync());
        }
    }

    private static async Task ServeAsync(Socket player)
    {
        using (player)
        {
            try
            {
                var buffer = new byte[4096];
                var (what, rest) = await ReadOpeningAsync(player, buffer);
                switch (what)
                {
                    case "ECHO":
                        await player.SendAsync(buffer.AsMemory(rest));
                        for (int count; (count = await player.ReceiveAsync(buffer)) > 0;)
                        {
                            await player.SendAsync(buffer.AsMemory(0, count));
                        }

                        break;
                    case "FLOOD":
                        while (true)
                        {
                            await player.SendAsync(Chunk);
                        }

                    case "HELLO":
                        await player.SendAsync("HI\n"u8.ToArray());
                        await player.ReceiveAsync(buffer);
                        break;
                }
            }
            catch (SocketException)
            {
                // The player has left.
            }
        }
    }

    private static async Task<(string What, Range Remaining)> ReadOpeningAsync(Socket player, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var count = await player.ReceiveAsync(buffer.AsMemory(length));
            length += count;
            var first = buffer.AsSpan(0, length).IndexOf((byte)'\n');
            var second = first < 0 ? -1 : buffer.AsSpan((first + 1)..length).IndexOf((byte)'\n');
            if (second >= 0)
            {
                var end = first + 1 + second;
                return (Encoding.ASCII.GetString(buffer, first + 1, second), (end + 1)..length);
            }

            if (count == 0)
                return ("", default);
        }
    }
}
