using System.Net;
using Yarp.ReverseProxy.Transforms;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Sends short calls to a backend's port of their own, where all share a connection (HTTP/2). Calls that a backend holds would take up the
/// connection's streams. A call that fails there is sent again to the backend's other port, whatever the failure: the backend's server may
/// have refused the call or be stopping, or there is no such port. So short calls are calls that may be repeated, and what happens at the
/// other port decides whether the backend counts as failed.
/// </summary>
internal sealed class ShortCalls(HttpMessageHandler calls, ShortPorts ports) : DelegatingHandler(calls)
{
    private static readonly HttpRequestOptionsKey<ShortCall> Key = new("gamestack.short");

    /// <summary>Sends a call to the port of its backend, if that answers.</summary>
    public static void Direct(RequestTransformContext context, ShortPorts ports)
    {
        if (context.HttpContext.GetReverseProxyFeature().ProxiedDestination is { } backend && ports.FindOpen(backend) is { } port)
        {
            context.ProxyRequest.Options.Set(Key, new ShortCall(port, context.DestinationPrefix));
            context.ProxyRequest.Version = HttpVersion.Version20;
            context.DestinationPrefix = port.Url;
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(Key, out var call)
            ? SendAsync(request, call, cancellationToken)
            : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ShortCall call, CancellationToken cancellationToken)
    {
        if (request.Content is { } body)
            await body.LoadIntoBufferAsync(cancellationToken); // YARP's own content can be sent only once.
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (!cancellationToken.IsCancellationRequested)
        {
            if (!WasRefused(e) && !BackendConnections.WereUsedUp(e))
                ports.Close(call.Port, e.Message);
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException)
        {
            // The other port would take as long.
            ports.Close(call.Port, e.InnerException.Message);
            throw;
        }

        request.RequestUri = new Uri(new Uri(call.OtherUrl).GetLeftPart(UriPartial.Authority) + request.RequestUri!.PathAndQuery);
        request.Version = HttpVersion.Version11;
        return await base.SendAsync(request, cancellationToken);
    }

    /// <summary>Whether the backend's server refused or broke off this call alone.</summary>
    private static bool WasRefused(HttpRequestException failure) => failure.HttpRequestError == HttpRequestError.HttpProtocolError;

    /// <param name="Port">Where the call is sent.</param>
    /// <param name="OtherUrl">The URL of the same backend for all calls.</param>
    private sealed record ShortCall(ShortPort Port, string OtherUrl);
}
