using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Bench.Matches;

/// <summary>
/// Makes another .NET process collect its garbage: a session of its events that asks for collections has that effect. See
/// https://github.com/dotnet/diagnostics/blob/main/documentation/design-docs/ipc-protocol.md.
/// </summary>
internal static class GarbageCollection
{
    private const byte EventPipe = 2;
    private const byte StopTracing = 1;
    private const byte CollectTracing2 = 3;
    private const byte Server = 0xFF;

    /// <summary>GC, and GCHeapCollect.</summary>
    private const ulong Keywords = 0x1 | 0x80_0000;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    public static async Task ForceAsync(int process)
    {
        var socket = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket").Single();
        var endPoint = new UnixDomainSocketEndPoint(socket);
        await using var session = await AskAsync(endPoint, CollectTracing2, Request());
        var id = await ReadIdAsync(session);

        // The collection happens as the session begins; what it reports is of no interest.
        var reading = session.CopyToAsync(Stream.Null);
        await Task.Delay(Settling);
        await using var stop = await AskAsync(endPoint, StopTracing, BitConverter.GetBytes(id));
        await ReadIdAsync(stop);
        await reading;
    }

    private static async Task<NetworkStream> AskAsync(UnixDomainSocketEndPoint endPoint, byte command, byte[] payload)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(endPoint);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var size = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(size, (ushort)(20 + payload.Length));
        await stream.WriteAsync((byte[])[.. "DOTNET_IPC_V1\0"u8, .. size, EventPipe, command, 0, 0, .. payload]);
        return stream;
    }

    /// <summary>Reads the answer, a header and the id of the session.</summary>
    private static async Task<ulong> ReadIdAsync(Stream stream)
    {
        var answer = new byte[28];
        await stream.ReadExactlyAsync(answer);
        return answer[16] == Server && answer[17] == 0
            ? BinaryPrimitives.ReadUInt64LittleEndian(answer.AsSpan(20))
            : throw new InvalidOperationException("The process refused to collect its garbage.");
    }

    private static byte[] Request()
    {
        using var request = new MemoryStream();
        using var writer = new BinaryWriter(request);
        writer.Write(16u); // The buffer, in MB.
        writer.Write(1u); // The format: NetTrace.
        writer.Write(false); // No rundown.
        writer.Write(1u); // One provider.
        writer.Write(Keywords);
        writer.Write(4u); // The level: informational.
        WriteText("Microsoft-Windows-DotNETRuntime");
        writer.Write(0u); // No filter.
        return request.ToArray();

        void WriteText(string text)
        {
            writer.Write((uint)text.Length + 1);
            writer.Write(Encoding.Unicode.GetBytes(text + '\0'));
        }
    }
}
