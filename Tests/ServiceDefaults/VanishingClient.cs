using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace GameStack.Tests.ServiceDefaults;

/// <summary>
/// A client whose cable can be pulled: from then on, the kernel drops every packet for its connection before TCP sees it, so that nothing
/// is acknowledged or closed.
/// </summary>
internal sealed class VanishingClient : IDisposable
{
    private const int SolSocket = 1;
    private const int SoAttachFilter = 26;

    private readonly TcpClient _client = new();

    public static async Task<VanishingClient> GetAsync(Uri server, string target)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lets a program drop the packets of a connection.");
        var client = new VanishingClient();
        await client._client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        var request = Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: {server.Authority}\r\n\r\n");
        await client._client.GetStream().WriteAsync(request, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>Completes with the first bytes of the answer.</summary>
    public async Task AnsweredAsync() =>
        await _client.GetStream().ReadExactlyAsync(new byte["HTTP/1.1".Length], TestContext.Current.CancellationToken);

    public void Vanish()
    {
        // struct sock_filter: the only instruction returns how many bytes of a packet to keep, which is 0.
        var instruction = GCHandle.Alloc(new SocketFilter(Code: 0x06, JumpTrue: 0, JumpFalse: 0, Operand: 0), GCHandleType.Pinned);
        try
        {
            var program = new SocketFilterProgram(Length: 1, instruction.AddrOfPinnedObject());
            _client.Client.SetRawSocketOption(
                SolSocket, SoAttachFilter, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref program, 1)));
        }
        finally
        {
            instruction.Free();
        }
    }

    public void Dispose() => _client.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct SocketFilter(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct SocketFilterProgram(ushort Length, IntPtr Instructions);
}
