using System.Net.WebSockets;
using System.Text;
using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy.Gateway.WebSockets;

/// <summary>What a player in a browser does with its WebSocket, whichever version of HTTP has opened it.</summary>
internal static class PlayerSocket
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static Task SendAsync(ClientWebSocket socket, string text, WebSocketMessageType kind = WebSocketMessageType.Text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), kind, endOfMessage: true, Cancelled);

    public static async Task<(WebSocketMessageType Kind, string Text)> ReceiveAsync(ClientWebSocket socket)
    {
        using var within = Waits.Within(Waits.Patient);
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, within.Token);
        return (received.MessageType, Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    /// <summary>The player closes its end, the server notices, answers and closes, and the player gets all of that.</summary>
    public static async Task CloseBothEndsAsync(ClientWebSocket player, RunningGateway gateway)
    {
        await using var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();

        await player.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        Assert.Null(await server.ReadLineAsync());
        await server.SendLineAsync("STATE stop");
        await server.DisposeAsync();

        Assert.Equal("STATE stop\n", (await ReceiveAsync(player)).Text);
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(player)).Kind);
    }
}
