using GameStack.Proxy.Backends;
using Yarp.ReverseProxy.Forwarder;

namespace GameStack.Proxy.Forwarding;

/// <summary>Why a call failed, and what the client is told about the failure.</summary>
internal sealed record ForwardingFailure(ForwardingFailureKind Kind)
{
    private const string RetryAfterSeconds = "1";

    /// <summary>Null when the call was forwarded and answered.</summary>
    public static ForwardingFailure? Of(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>() is { } error ? new ForwardingFailure(KindOf(error)) : null;

    public Task AnswerAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;

        switch (Kind)
        {
            case ForwardingFailureKind.NotSent:
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
                return Problem.WriteAsync(
                    context, StatusCodes.Status503ServiceUnavailable, "No backend can be reached. Nothing was done; try again.");
            case ForwardingFailureKind.NoConnection:
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
                return Problem.WriteAsync(
                    context, StatusCodes.Status503ServiceUnavailable,
                    "This proxy has as many connections to backends open as it may have. Nothing was done; try again.");
            case ForwardingFailureKind.Unsendable:
                return Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "This call cannot be passed on to a backend.");
            case ForwardingFailureKind.TimedOut:
                return Problem.WriteAsync(context, StatusCodes.Status504GatewayTimeout, "The backend did not answer in time.");
            case ForwardingFailureKind.Broken:
                return Problem.WriteAsync(
                    context, StatusCodes.Status502BadGateway, "The backend broke off before its answer was complete.");
            default:
                return Task.CompletedTask;
        }
    }

    private static ForwardingFailureKind KindOf(IForwarderErrorFeature error) => error.Error switch
    {
        _ when BackendConnections.WereUsedUp(error.Exception) => ForwardingFailureKind.NoConnection,
        ForwarderError.RequestCreation => ForwardingFailureKind.Unsendable,
        ForwarderError.NoAvailableDestinations => ForwardingFailureKind.NotSent,
        ForwarderError.Request or ForwarderError.RequestTimedOut when WasNotConnected(error.Exception) => ForwardingFailureKind.NotSent,
        ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => ForwardingFailureKind.TimedOut,
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient
            or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient => ForwardingFailureKind.Client,
        _ => ForwardingFailureKind.Broken,
    };

    /// <summary>A cancellation that contains a time-out is the connect time-out; any other time-out is a bare cancellation.</summary>
    private static bool WasNotConnected(Exception? exception) => exception switch
    {
        HttpRequestException request => request.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };
}
