using System.Globalization;
using GameStack.Contracts;
using GameStack.Contracts.Api;
using GameStack.Contracts.Tickets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GameStack.Backend.Api;

/// <summary>The API's errors, as RFC 9457 problems.</summary>
internal static class Problems
{
    private const string NotJsonDetail = "The body must be JSON in UTF-8, with the header Content-Type: application/json.";

    private static readonly string ValidId =
        $"1 to {PlayerId.MaxLength} UTF-16 code units, without control characters or half surrogate pairs";

    public static ProblemHttpResult BadPlayerId() => TypedResults.Problem(
        $"player_id must be a string of {ValidId}.",
        statusCode: StatusCodes.Status400BadRequest, title: "Bad player id");

    public static ProblemHttpResult BadWait(double longest) => TypedResults.Problem(
        $"wait must be a number of seconds from 0 to {longest}.",
        statusCode: StatusCodes.Status400BadRequest, title: "Bad wait");

    public static ProblemHttpResult BadLimit(int most) => TypedResults.Problem(
        $"limit must be a whole number from 1 to {most}.",
        statusCode: StatusCodes.Status400BadRequest, title: "Bad limit");

    public static ProblemHttpResult BadAfter() => TypedResults.Problem(
        "after must be the value of next in an earlier answer: the uuid of a match that was live lately. Begin again without it.",
        statusCode: StatusCodes.Status400BadRequest, title: "Bad after");

    public static ProblemHttpResult BadSessionId() => TypedResults.Problem(
        "The session id must be the uuid of a match. To leave the queue with a pending id (pending:…), call /api/match/leave.",
        statusCode: StatusCodes.Status400BadRequest, title: "Bad session id");

    public static ProblemHttpResult BadBody() => TypedResults.Problem(
        """The body must be a JSON object in UTF-8, such as {"player_id": "p1"}.""",
        statusCode: StatusCodes.Status400BadRequest, title: "Bad body");

    public static ProblemHttpResult NotJson() => TypedResults.Problem(
        NotJsonDetail, statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not JSON in UTF-8");

    /// <param name="statusCode">Why the body did not arrive: 413 if it is too large, 408 if it is too slow, otherwise 400.</param>
    public static ProblemHttpResult UnreadBody(int statusCode) => TypedResults.Problem(
        statusCode == StatusCodes.Status413PayloadTooLarge
            ? $"A request's body may have at most {RequestBody.MaxBytes} bytes."
            : "The request's body did not arrive as its headers announced it.",
        statusCode: statusCode);

    /// <summary>The answer to a call that reaches no endpoint, or whose endpoint fails: so far, the response has only its status.</summary>
    public static ProblemHttpResult OfStatus(HttpContext context) => TypedResults.Problem(
        context.Response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized =>
                "This call needs a valid token of the player, as Authorization: Bearer. WWW-Authenticate says why a token is not valid.",
            StatusCodes.Status404NotFound => "There is nothing at this address.",
            StatusCodes.Status405MethodNotAllowed => $"This address allows only {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => NotJsonDetail,
            >= StatusCodes.Status500InternalServerError => "The backend failed. Its log says why.",
            _ => "A part of the request is not valid.",
        },
        statusCode: context.Response.StatusCode);

    public static ProblemHttpResult OtherPlayer() => TypedResults.Problem(
        "player_id must be the player of this call's token, or be left out: a token is valid only for its own player.",
        statusCode: StatusCodes.Status403Forbidden, title: "Another player");

    /// <param name="claim">The claim that should have the player's id.</param>
    public static ProblemHttpResult NoPlayerInToken(string claim) => TypedResults.Problem(
        $"The call's token names no player: its claim {claim} must be one string of {ValidId}.",
        statusCode: StatusCodes.Status403Forbidden, title: "No player in the token");

    public static ProblemHttpResult UnknownPlayer() => TypedResults.Problem(
        "This player has not joined, has left, or was silent for too long. Join again to wait.",
        statusCode: StatusCodes.Status404NotFound, title: "Unknown player");

    public static ProblemHttpResult UnknownMatch() => TypedResults.Problem(
        "No such match: it never existed, has no server yet, or is no longer kept.",
        statusCode: StatusCodes.Status404NotFound, title: "Unknown match");

    /// <param name="response">The response, whose <c>Retry-After</c> header is set.</param>
    /// <param name="retryAfter">When to try again, rounded up to whole seconds.</param>
    public static ProblemHttpResult NoServers(HttpResponse response, TimeSpan retryAfter) => RetryLater(
        response, retryAfter, "No game servers",
        "Matches get no game servers at present, so no new players are queued. Players already waiting keep their places. "
        + "Try again after Retry-After.");

    /// <param name="response">The response, whose <c>Retry-After</c> header is set.</param>
    /// <param name="retryAfter">When to try again, rounded up to whole seconds.</param>
    public static ProblemHttpResult DependencyUnavailable(HttpResponse response, TimeSpan retryAfter) => RetryLater(
        response, retryAfter, "A dependency is unavailable", "Try again: every call of this API may be repeated.");

    /// <summary>The call needs an operator, or a player of the match.</summary>
    public static ProblemHttpResult NoCredential(HttpResponse response) => Unauthorized(
        response,
        $"This needs an operator: the header {CredentialHeaders.OperatorKey}, a token with the scope gamestack.operate, or a "
        + $"sign-in at /api/operators/sign-in of the proxy. Players end their own match with a ticket in the header "
        + $"{CredentialHeaders.MatchTicket}, or with their token.");

    public static ProblemHttpResult WrongCredential(HttpResponse response) => Unauthorized(
        response, $"The {CredentialHeaders.OperatorKey} or the token of this call is not valid.");

    public static ProblemHttpResult WrongTicket(HttpResponse response, TicketRefusal refusal) => Unauthorized(
        response, $"The {CredentialHeaders.MatchTicket} is not valid ({refusal.ToWord()}). /api/match/status has a fresh one.");

    public static ProblemHttpResult OthersMatch() => TypedResults.Problem(
        "Only the match's own players and operators may end it.", statusCode: StatusCodes.Status403Forbidden);

    public static ProblemHttpResult NotOperator() => TypedResults.Problem(
        "The token does not have the scope gamestack.operate.", statusCode: StatusCodes.Status403Forbidden);

    public static ProblemHttpResult NotForm() => TypedResults.Problem(
        "The body must be a form (application/x-www-form-urlencoded) with the field key.",
        statusCode: StatusCodes.Status415UnsupportedMediaType);

    /// <summary>Says how an operator shows a key, as 401 demands.</summary>
    public static void Challenge(HttpResponse response) => response.Headers.WWWAuthenticate = "OperatorKey";

    public static ProblemHttpResult InLiveMatch(Guid match) => TypedResults.Problem(
        "The player is in a live match; end it, or wait until it ends.",
        statusCode: StatusCodes.Status409Conflict, title: "In a live match",
        extensions: [new("session_id", match.ToString())]);

    private static ProblemHttpResult Unauthorized(HttpResponse response, string detail)
    {
        Challenge(response);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status401Unauthorized);
    }

    private static ProblemHttpResult RetryLater(HttpResponse response, TimeSpan retryAfter, string title, string detail)
    {
        response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable, title: title);
    }
}
