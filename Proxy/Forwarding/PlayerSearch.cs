using System.Net;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace GameStack.Proxy.Forwarding;

/// <summary>A call about one player that goes from backend to backend until one knows the player (<see cref="UnknownPlayers"/>).</summary>
internal sealed class PlayerSearch(IReadOnlyList<DestinationState> backends)
{
    public IReadOnlyList<DestinationState> NotAsked { get; private set; } = backends;

    /// <summary>Holds back the body of a 404 while there are other backends to ask.</summary>
    public static ValueTask HoldBackNotFoundAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse?.StatusCode == HttpStatusCode.NotFound
            && context.HttpContext.Features.Get<PlayerSearch>() is { } search)
        {
            var asked = context.HttpContext.GetReverseProxyFeature().ProxiedDestination;
            search.NotAsked = [.. search.NotAsked.Where(backend => backend != asked)];
            context.SuppressResponseBody = search.NotAsked.Count > 0;
        }

        return ValueTask.CompletedTask;
    }
}
