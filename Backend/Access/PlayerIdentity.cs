using System.Diagnostics.CodeAnalysis;
using GameStack.Backend.Api;
using GameStack.Contracts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Access;

/// <summary>Which player makes a call.</summary>
internal sealed class PlayerIdentity(IOptions<PlayersOptions> options)
{
    private readonly PlayersOptions _options = options.Value;

    /// <summary>Whether players must prove who they are.</summary>
    public bool IsRequired => _options.Authentication == PlayerAuthentication.Jwt;

    /// <summary>The player whose token the call carries; null without a token, or if the token does not name exactly one player.</summary>
    public string? Of(HttpContext context) =>
        IsRequired && context.User.FindAll(_options.PlayerIdClaim).ToList() is [var claim] ? claim.Value : null;

    /// <summary>When the call's token no longer counts; null for a call without one.</summary>
    public DateTimeOffset? ExpiryOf(HttpContext context) =>
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc is not { } expiry ? null
        : DateTimeOffset.MaxValue - expiry > _options.ClockSkew ? expiry + _options.ClockSkew
        : DateTimeOffset.MaxValue; // An issuer may mean "never", or count milliseconds.

    /// <summary>Which player the call is about: its own. Without proof of that, the player that it names.</summary>
    /// <param name="context">The call.</param>
    /// <param name="named">The player that the call names; with a token, it may name none.</param>
    /// <param name="playerId">A valid player id.</param>
    /// <param name="problem">Why the call is refused.</param>
    public bool TryResolve(
        HttpContext context, string? named, [NotNullWhen(true)] out string? playerId, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        playerId = IsRequired ? Of(context) : named;
        problem = IsRequired && !PlayerId.IsValid(playerId) ? Problems.NoPlayerInToken(_options.PlayerIdClaim)
            : !PlayerId.IsValid(named ?? playerId) ? Problems.BadPlayerId()
            : named is not null && named != playerId ? Problems.OtherPlayer()
            : null;
        return problem is null;
    }
}
