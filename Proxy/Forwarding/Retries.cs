using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// Sends a failed call again, to another backend if there is one, when this is harmless: no backend has received the call, or the call may
/// be repeated (<see cref="RepeatableCalls"/>). A call is not sent again after a part of its answer was sent, or after a time-out, because
/// the client's time is then also over. A call that still fails is answered with a problem.
/// </summary>
internal sealed class Retries(RequestDelegate next, ForwardingMetrics metrics)
{
    private const int MaxRetries = 2;

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var available = proxy.AvailableDestinations;
        await next(context);

        var failure = ForwardingFailure.Of(context);
        for (var retry = 0; retry < MaxRetries && failure is not null && CanRepeat(context, failure); retry++)
        {
            metrics.Retried(failure);
            available = WithoutFailed(available, proxy);
            proxy.AvailableDestinations = available;
            Rewind(context);
            await next(context);
            failure = ForwardingFailure.Of(context);
        }

        if (failure is not null)
        {
            metrics.Failed(failure);
            await failure.AnswerAsync(context);
        }
    }

    private static bool CanRepeat(HttpContext context, ForwardingFailure failure) =>
        !context.Response.HasStarted
        && !context.RequestAborted.IsCancellationRequested
        && failure.Kind switch
        {
            ForwardingFailureKind.NotSent or ForwardingFailureKind.NoConnection => true,
            ForwardingFailureKind.Broken => RepeatableCalls.Contains(context.Request),
            _ => false,
        };

    /// <summary>
    /// If only one backend is left, it is tried again: behind a load balancer's address, the same address is another backend.
    /// </summary>
    private static IReadOnlyList<DestinationState> WithoutFailed(IReadOnlyList<DestinationState> available, IReverseProxyFeature proxy)
    {
        DestinationState[] others = [.. available.Where(destination => destination != proxy.ProxiedDestination)];
        return others.Length > 0 ? others : available;
    }

    private static void Rewind(HttpContext context)
    {
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK;
        if (context.Request.Body.CanSeek)
            context.Request.Body.Position = 0;
    }
}
