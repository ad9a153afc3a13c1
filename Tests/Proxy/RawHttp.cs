using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.Proxy;

/// <summary>Requests that no HTTP client would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends the text as it is and returns all that comes back until the server closes the connection.</summary>
    public static async Task<string> SendAsync(Uri server, string request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    public static int StatusOf(string response) => int.Parse(response.Split(' ')[1], CultureInfo.InvariantCulture);
}
