using System.Globalization;
using GameStack.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// Answers the call of a client that got no slot: 503 when the program is full, 429 when the client's address has its share. Probes are
/// answered as usual.
/// </summary>
public sealed class Refusals : IStartupFilter
{
    /// <summary>When a client should try again, in seconds.</summary>
    private const int RetryAfterSeconds = 5;

    /// <summary>
    /// Chooses the endpoint only, so that the program's own middleware runs, too: with CORS, a page of an allowed origin can read the
    /// answer.
    /// </summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (context.Features.Get<RefusedConnection>() is { } refused)
            {
                Close(context);
                if (!HealthEndpoints.IsProbe(context.Request.Path))
                {
                    context.SetEndpoint(EndpointOf(refused.Outcome));
                }
            }

            return following(context);
        });
        next(app);
    };

    /// <summary>Writes the answer, after which the connection closes.</summary>
    public static Task AnswerAsync(HttpContext context, SlotOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(context);
        Close(context);
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        var answer = outcome == SlotOutcome.AddressFull
            ? TypedResults.Problem(
                "This address has as many connections and calls open as one address may have. Close some, or try again later.",
                statusCode: StatusCodes.Status429TooManyRequests)
            : TypedResults.Problem(
                "This server has as many connections open as it can serve. Nothing was done; try again.",
                statusCode: StatusCodes.Status503ServiceUnavailable);
        return answer.ExecuteAsync(context);
    }

    private static Endpoint EndpointOf(SlotOutcome outcome) =>
        new(context => AnswerAsync(context, outcome), EndpointMetadataCollection.Empty, "Refused");

    /// <summary>HTTP/2 has no such header; a refused connection ends anyway.</summary>
    private static void Close(HttpContext context)
    {
        if (context.Request.Protocol is "HTTP/1.1" or "HTTP/1.0")
        {
            context.Response.Headers.Connection = "close";
        }
    }
}
