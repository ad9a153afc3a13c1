using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;

namespace GameStack.LoadTester.Stack;

/// <summary>The gateway's WebSocket.</summary>
internal static class PlaySocket
{
    /// <summary>One handler for all players: a handler for each would cost more than the connection.</summary>
    private static readonly HttpMessageInvoker Handler = new(
        new SocketsHttpHandler { UseProxy = false, UseCookies = false, ConnectCallback = PlayerSocket.OpenAsync });

    /// <exception cref="PlayRefusedException">The proxy has answered, and opens no WebSocket.</exception>
    /// <exception cref="WebSocketException">The WebSocket cannot be opened.</exception>
    public static async Task<Stream> OpenAsync(Uri targetUrl, string ticket, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(targetUrl) { Scheme = targetUrl.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" };
        address.Path = address.Path.TrimEnd('/') + "/play";
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.AddSubProtocol($"gamestack.ticket.{ticket}");
            await socket.ConnectAsync(address.Uri, Handler, cancellationToken);
            return WebSocketStream.Create(socket, WebSocketMessageType.Text, ownsWebSocket: true);
        }
        catch (WebSocketException e) when (socket.HttpStatusCode >= HttpStatusCode.OK)
        {
            using (socket)
            {
                throw new PlayRefusedException(socket.HttpStatusCode, RetryAfter(socket), e);
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TimeSpan? RetryAfter(ClientWebSocket socket) =>
        socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var values) == true
        && RetryConditionHeaderValue.TryParse(values.First(), out var header) ? CallRetries.Asked(header) : null;
}
