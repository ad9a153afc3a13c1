using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using GameStack.Backend.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GameStack.Backend.Access;

/// <summary>
/// The page where an operator signs in with a browser, since pages and event sources send no key. It has no script, and what it sends is
/// taken only from the proxy's own pages: its cookie is <c>SameSite=Strict</c>, and the proxy refuses forms of other origins.
/// </summary>
internal static class OperatorSignIn
{
    private const string SignInPath = "sign-in";
    private const string SignOutPath = "sign-out";

    // With "no-referrer", which the proxy sets for all pages, a browser would hide the form's origin from the proxy's check.
    private const string PageStart =
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="referrer" content="same-origin">
        <title>GameStack operators</title>
        <h1>GameStack operators</h1>

        """;

    public static IEndpointRouteBuilder MapOperatorSignIn(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/operators").ExcludeFromDescription();
        group.MapGet(SignInPath, ShowAsync);
        group.MapPost(SignInPath, SignInAsync);
        group.MapPost(SignOutPath, SignOut).IdentifyOperator();
        return routes;
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Operators operators)
    {
        var caller = await operators.IdentifyAsync(context);
        return caller.Kind == CallerKind.Operator
            ? Page(
                context, StatusCodes.Status200OK,
                $"""
                <p>You are signed in as operator {HtmlEncoder.Default.Encode(caller.Name)}.</p>
                <form method="post" action="{SignOutPath}"><button>Sign out</button></form>
                """)
            : SignInPage(context, StatusCodes.Status200OK, "Sign in with an operator key.");
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, Operators operators, OperatorAudit audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!context.Request.HasFormContentType)
        {
            return Problems.NotForm();
        }

        string text;
        try
        {
            text = (await context.Request.ReadFormAsync(cancellationToken))["key"].ToString().Trim();
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return Problems.UnreadBody((e as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest);
        }

        if (operators.FindKey(text, context) is not { } key)
        {
            Problems.Challenge(context.Response);
            return SignInPage(context, StatusCodes.Status401Unauthorized, "This is not the key of an operator.");
        }

        var session = key.CreateSession(time.GetUtcNow() + Operators.SessionLength);
        context.Response.Cookies.Append(Operators.SessionCookie, session, Cookie(context.Request, Operators.SessionLength));
        audit.Acted(context, key.Name, StatusCodes.Status303SeeOther);
        return BackToSignIn(context);
    }

    private static StatusCodeHttpResult SignOut(HttpContext context)
    {
        context.Response.Cookies.Delete(Operators.SessionCookie, Cookie(context.Request, length: null));
        return BackToSignIn(context);
    }

    /// <summary>The proxy's prefix is not known here, so the address is relative.</summary>
    private static StatusCodeHttpResult BackToSignIn(HttpContext context)
    {
        context.Response.Headers.Location = SignInPath;
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static CookieOptions Cookie(HttpRequest request, TimeSpan? length) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps || IsOfSecurePage(request),
        MaxAge = length,
        Path = "/",
    };

    /// <summary>The browser's own word: a load balancer that terminates TLS does not always say so.</summary>
    private static bool IsOfSecurePage(HttpRequest request) =>
        request.Headers.Origin.ToString().StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static ContentHttpResult SignInPage(HttpContext context, int statusCode, string text) => Page(
        context, statusCode,
        $"""
        <p>{text}</p>
        <form method="post" action="{SignInPath}">
        <label>Key <input type="password" name="key" autocomplete="current-password" required autofocus></label>
        <button>Sign in</button>
        </form>
        """);

    private static ContentHttpResult Page(HttpContext context, int statusCode, string body)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        return TypedResults.Content(PageStart + body, MediaTypeNames.Text.Html, Encoding.UTF8, statusCode);
    }
}
