using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Bench.Gateway;

/// <summary>What is measured, at one target.</summary>
internal sealed class Measures(Target target, Func<int, string, byte[]> opening, TimeSpan duration)
{
    private const int MessageBytes = 64;
    private const int MessagesPerSecond = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>The times until 64 bytes are back, in milliseconds, sorted. Each connection sends five times a second.</summary>
    public async Task<double[]> EchoAsync(int connections)
    {
        var sockets = await ConnectAsync(connections, "ECHO");
        var latencies = new List<double>[connections];
        var begin = Stopwatch.GetTimestamp() + (long)(WarmUp.TotalSeconds * Stopwatch.Frequency);
        var receiving = sockets.Select((socket, i) => ReceiveEchoesAsync(socket, latencies[i] = [], begin)).ToArray();
        SendEvenly(sockets, WarmUp + duration);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Close(sockets);
        await Task.WhenAll(receiving);
        double[] all = [.. latencies.SelectMany(latency => latency)];
        Array.Sort(all);
        return all;
    }

    /// <summary>Bytes per second to the players.</summary>
    public async Task<double> ThroughputAsync(int connections)
    {
        var sockets = await ConnectAsync(connections, "FLOOD");
        var total = 0L;
        var receiving = sockets.Select(socket => Task.Run(async () =>
        {
            var buffer = new byte[256 * 1024];
            try
            {
                for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;)
                {
                    Interlocked.Add(ref total, count);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed at the end of the measurement.
            }
        })).ToArray();
        await Task.Delay(WarmUp);
        var (before, start) = (Interlocked.Read(ref total), Stopwatch.GetTimestamp());
        await Task.Delay(duration);
        var rate = (Interlocked.Read(ref total) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Close(sockets);
        await Task.WhenAll(receiving);
        return rate;
    }

    /// <summary>Connections per second that get an answer from their match, opened by 64 players at a time.</summary>
    public async Task<double> SetUpsAsync()
    {
        var done = 0L;
        var failures = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var players = Enumerable.Range(0, 64).Select(player => Task.Run(async () =>
        {
            var answer = new byte[16];
            for (var i = player; !stop.IsCancellationRequested; i += 64)
            {
                try
                {
                    using var socket = await Player.ConnectAsync(target.PortOf(i), opening(i, "HELLO"));
                    var count = await socket.ReceiveAsync(answer);
                    if (count == 3)
                        Interlocked.Increment(ref done);
                    else
                        failures.Enqueue($"the answer \"{Encoding.ASCII.GetString(answer, 0, count).TrimEnd()}\"");
                }
                catch (SocketException e)
                {
                    failures.Enqueue(e.Message);
                }
            }
        })).ToArray();
        await Task.Delay(WarmUp);
        var (before, start) = (Interlocked.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(duration);
        var rate = (Interlocked.Read(ref done) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(players);
        foreach (var (failure, count) in failures.CountBy(failure => failure))
        {
            await Console.Error.WriteLineAsync($"{target.Name}: {count} connections failed: {failure}");
        }

        return rate;
    }

    /// <summary>Resident bytes of the target for each idle connection.</summary>
    public async Task<double> IdleBytesAsync(int connections)
    {
        // What the first connections of a program cost is not the cost of a connection.
        Close(await ConnectAsync(200, "ECHO"));
        await Task.Delay(WarmUp);
        var before = target.ResidentBytes();
        var sockets = await ConnectAsync(connections, "ECHO");
        await Task.Delay(WarmUp);
        var bytes = target.ResidentBytes() - before;
        Close(sockets);
        return (double)bytes / connections;
    }

    private async Task<Socket[]> ConnectAsync(int connections, string what)
    {
        var sockets = new Socket[connections];
        await Parallel.ForAsync(0, connections, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            sockets[i] = await Player.ConnectAsync(target.PortOf(i), opening(i, what));
            if (what == "ECHO")
            {
                // The match has answered: the whole way is there.
                await sockets[i].SendAsync(new byte[1]);
                await sockets[i].ReceiveAsync(new byte[1]);
            }
        });
        return sockets;
    }

    private static void SendEvenly(Socket[] sockets, TimeSpan duration)
    {
        var message = new byte[MessageBytes];
        var perSecond = (double)sockets.Length * MessagesPerSecond;
        var start = Stopwatch.GetTimestamp();
        var sent = 0L;
        for (TimeSpan elapsed; (elapsed = Stopwatch.GetElapsedTime(start)) < duration; Thread.Sleep(1))
        {
            for (var due = (long)(elapsed.TotalSeconds * perSecond); sent < due; sent++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(message, Stopwatch.GetTimestamp());
                sockets[sent % sockets.Length].Send(message);
            }
        }
    }

    private static async Task ReceiveEchoesAsync(Socket socket, List<double> latencies, long begin)
    {
        var message = new byte[MessageBytes];
        try
        {
            while (true)
            {
                for (var length = 0; length < MessageBytes;)
                {
                    var count = await socket.ReceiveAsync(message.AsMemory(length));
                    if (count == 0)
                        return;

                    length += count;
                }

                var sentAt = BinaryPrimitives.ReadInt64LittleEndian(message);
                if (sentAt >= begin)
                    latencies.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed at the end of the measurement.
        }
    }

    private static void Close(Socket[] sockets)
    {
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }
}
