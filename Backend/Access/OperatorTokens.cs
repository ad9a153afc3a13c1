using System.Security.Claims;
using GameStack.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace GameStack.Backend.Access;

/// <summary>Tokens of operators, where tokens are checked at all (<c>Authorization: Bearer …</c>).</summary>
internal static class OperatorTokens
{
    private const string Scheme = JwtBearerDefaults.AuthenticationScheme;
    private const string Scope = "gamestack.operate";

    /// <summary>What the call's token says about its holder.</summary>
    /// <exception cref="DependencyUnavailableException">The issuer's keys could not be read.</exception>
    public static async ValueTask<(CallerKind Kind, string Name)> ReadAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<IAuthenticationSchemeProvider>() is not { } schemes
            || await schemes.GetSchemeAsync(Scheme) is null)
        {
            return (CallerKind.Stranger, "");
        }

        var answer = await context.AuthenticateAsync(Scheme);
        return answer switch
        {
            { Principal: { } holder } => HasScope(holder) ? (CallerKind.Operator, NameOf(holder)) : (CallerKind.TokenHolder, ""),
            { None: true } => (CallerKind.Stranger, ""),
            { Failure: DependencyUnavailableException unavailable } => throw unavailable,
            _ => (CallerKind.Refused, ""),
        };
    }

    // One claim with all scopes (RFC 9068), or a claim for each.
    private static bool HasScope(ClaimsPrincipal holder) =>
        holder.FindAll("scope").SelectMany(claim => claim.Value.Split(' ')).Contains(Scope, StringComparer.Ordinal);

    /// <summary>A name that logs and Postgres take.</summary>
    private static string NameOf(ClaimsPrincipal holder) =>
        (holder.FindFirst("sub") ?? holder.FindFirst(ClaimTypes.NameIdentifier))?.Value is var name && PlayerId.IsValid(name)
            ? name
            : "unnamed";
}
