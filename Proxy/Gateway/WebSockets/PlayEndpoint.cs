using System.Net;
using System.Net.Sockets;
using GameStack.Proxy.CrossOrigin;
using GameStack.Proxy.Forwarding;
using GameStack.Proxy.FrontDoor;
using GameStack.Proxy.RateLimiting;
using GameStack.ServiceDefaults.Shutdown;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway.WebSockets;

/// <summary>
/// <c>GET /play</c>, or <c>CONNECT /play</c> over HTTP/2: the gateway as a WebSocket, for players in browsers. The ticket is in the
/// subprotocol <c>gamestack.ticket.&lt;ticket&gt;</c>, or in the query <c>?ticket=</c>. The gateway says <c>JOIN</c> itself; all else is
/// as on the gateway's port.
/// </summary>
internal static class PlayEndpoint
{
    public const string Path = "/play";

    private const string TicketProtocol = "gamestack.ticket.";

    public static void MapPlay(this WebApplication app)
    {
        // Probes keep the connection open on the way, and end it when the player vanishes.
        app.UseWebSockets(new WebSocketOptions
        {
            KeepAliveInterval = TimeSpan.FromSeconds(20),
            KeepAliveTimeout = TimeSpan.FromSeconds(20),
        });
        app.MapMethods(Path, [HttpMethods.Get, HttpMethods.Connect], PlayAsync).LimitByClient();
    }

    private static async Task PlayAsync(
        HttpContext context, PlayerRoute route, GatewayPlaces places, CallSlots calls, IOptions<CrossOriginOptions> origins,
        ShutdownState shutdown)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "This address is for WebSockets.");
            return;
        }

        if (!PlayOrigins.Allow(context.Request, origins.Value))
        {
            await Problem.WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                "Pages of this origin may not play here; the proxy's setting Cors__Origins lists the origins that may.");
            return;
        }

        var protocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(IsTicket);
        if (protocol is not null && !PlayerToken.HasOnlyLetters(protocol))
        {
            // The answer would have to repeat it, and no header can have such characters.
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The subprotocol has characters that no ticket has.");
            return;
        }

        var ticket = protocol?[TicketProtocol.Length..] ?? context.Request.Query["ticket"].ToString();

        // Over HTTP/2, one connection could hold many WebSockets that have no place.
        using var call = await calls.TakeAsync(context);
        if (call is null)
            return;

        // Accepted before it is checked: a page learns nothing about a WebSocket that was not opened, but it can read a refusal.
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        var player = new WebSocketPeer(socket, OwnConnectionOf(context));
        await using var closing = shutdown.Closing.UnsafeRegister(static peer => ((WebSocketPeer)peer!).Abort(), player);
        using var place = places.PlaceFor(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (await route.FindServerAsync(player, Opening.Write(ticket), place) is { } server)
        {
            call.Dispose(); // Otherwise, players in their places would leave none for calls.
            await route.CarryAsync(player, server, "websocket");
        }
    }

    /// <summary>Null for HTTP/2, where other calls share the connection.</summary>
    private static Socket? OwnConnectionOf(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) ? context.Features.Get<IConnectionSocketFeature>()?.Socket : null;

    private static bool IsTicket(string protocol) => protocol.StartsWith(TicketProtocol, StringComparison.Ordinal);
}
