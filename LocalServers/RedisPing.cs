using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LocalServers;

internal static class RedisPing
{
    /// <summary>Checks that this Redis answers on the port and accepts this password.</summary>
    public static async Task SendAsync(int port, string? password, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        if (password is not null)
        {
            await SayAsync($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password)}\r\n{password}\r\n", "+OK");
        }

        await SayAsync("*1\r\n$4\r\nPING\r\n", "+PONG");

        async Task SayAsync(string command, string expected)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command), cancellationToken);
            var answer = await reader.ReadLineAsync(cancellationToken);
            if (answer != expected)
            {
                throw LocalServerUnavailableException.For("Redis", $"it answered \"{answer}\" instead of {expected}.");
            }
        }
    }
}
