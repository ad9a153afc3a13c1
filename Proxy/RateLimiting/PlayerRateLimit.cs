using System.Net;
using System.Text.Json;
using GameStack.Contracts.Api;
using GameStack.Proxy.Forwarding;

namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// Limits calls by what they cost: a call about a player by address and player, and the join of a new player by address
/// (<see cref="PlayerLimits"/>). Comes after <see cref="RequestBodyBuffer"/>, since the body of a join names its player.
/// A call that leaves its player to its token is counted by the token.
/// </summary>
internal sealed class PlayerRateLimit(RequestDelegate next, PlayerLimits limits)
{
    private const string TooManyOfPlayer = "Too many calls for this player from this address.";
    private const string TooManyNewPlayers = "Too many new players join from this address.";

    /// <summary>Reads names and their spelling as the backend does: what it takes for the player must be the player here.</summary>
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = MatchApiJson.Default.Options.PropertyNamingPolicy,
        TypeInfoResolver = MatchApiJson.Default,
    };

    public Task InvokeAsync(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!limits.Limits(address))
            return next(context);

        string? player;
        var route = context.GetReverseProxyFeature().Route.Config.RouteId;
        switch (route)
        {
            case ForwardingRoutes.StatusRouteId or ForwardingRoutes.EventsRouteId:
                player = context.Request.Query["player_id"].ToString();
                break;
            case ForwardingRoutes.JoinRouteId or ForwardingRoutes.LeaveRouteId when HttpMethods.IsPost(context.Request.Method):
                player = ReadPlayer(context.Request);
                break;
            default:
                return next(context);
        }

        if (string.IsNullOrEmpty(player))
            player = PlayerToken.Of(context.Request) ?? player;

        if (player is not null && limits.CountCall(address, player) is { } tooMany)
            return TooManyCalls.AnswerAsync(context, tooMany, TooManyOfPlayer);

        return route == ForwardingRoutes.JoinRouteId && limits.CountJoin(address, player) is { } tooManyNew
            ? TooManyCalls.AnswerAsync(context, tooManyNew, TooManyNewPlayers)
            : next(context);
    }

    /// <summary>Null when the body is not a player's.</summary>
    private static string? ReadPlayer(HttpRequest request)
    {
        if (!request.Body.CanSeek)
            return null;

        try
        {
            return JsonSerializer.Deserialize<JoinRequest>(request.Body, Json)?.PlayerId;
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            request.Body.Position = 0;
        }
    }
}
