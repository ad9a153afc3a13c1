using GameStack.Backend.Api;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>
/// What ASP.NET Core's scheme <c>Bearer</c> expects of a token. Comes after the framework's own settings of the scheme
/// (<c>Authentication:Schemes:Bearer</c>), which <c>dotnet user-jwts</c> writes.
/// </summary>
internal sealed class PlayerBearer(
    IOptions<PlayersOptions> options, PlayerTokens tokens, PlayerKeys keys, IHostEnvironment environment)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    /// <summary>Browsers cannot set headers when they open an event stream.</summary>
    public const string QueryParameter = "access_token";

    /// <summary>How often the authority's keys are read again, which also bounds how long a key counts that is gone there.</summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often the authority's keys are read early, since a token has an unknown key. Strangers can make up such tokens, so a new key may
    /// have to wait this long.
    /// </summary>
    private static readonly TimeSpan EarlyRefreshInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AuthorityTimeout = TimeSpan.FromSeconds(5);

    /// <summary>No algorithm here takes a public key as a secret.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    public void Configure(JwtBearerOptions options) => Configure(name: null, options);

    public void Configure(string? name, JwtBearerOptions bearer)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme)
        {
            return;
        }

        var players = options.Value;
        bearer.Authority = players.Authority?.AbsoluteUri ?? bearer.Authority?.Trim();
        bearer.RequireHttpsMetadata = !environment.IsDevelopment();
        bearer.BackchannelTimeout = AuthorityTimeout;
        bearer.AutomaticRefreshInterval = RefreshInterval;
        bearer.RefreshInterval = EarlyRefreshInterval;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(tokens);
        bearer.Events = new JwtBearerEvents { OnMessageReceived = TakeFromQuery, OnChallenge = AnswerAsync };

        // There is no other scheme.
        bearer.ForwardDefault = bearer.ForwardAuthenticate = bearer.ForwardChallenge = bearer.ForwardForbid = null;

        var expected = bearer.TokenValidationParameters;
        expected.ValidateIssuer = expected.ValidateAudience = true;

        // Besides those of the scheme's own settings, which may be what `dotnet user-jwts` wrote.
        expected.ValidIssuers = With(players.Issuer, expected.ValidIssuers);
        expected.ValidAudiences = With(players.Audience, expected.ValidAudiences);
        expected.ClockSkew = players.ClockSkew;
        expected.NameClaimType = players.PlayerIdClaim;
        expected.IssuerSigningKeyResolverUsingConfiguration =
            (_, _, keyId, parameters, authority) => keys.Find(keyId, parameters, authority);

        // The keys of `dotnet user-jwts` are secrets. The framework would read them anew, and might fail, with each token.
        expected.IssuerSigningKeys = [.. expected.IssuerSigningKeys ?? []];
        expected.ValidAlgorithms = expected.IssuerSigningKeys.Any() ? [.. Algorithms, SecurityAlgorithms.HmacSha256] : Algorithms;
    }

    private static IEnumerable<string> With(string? name, IEnumerable<string>? others) =>
        name is null ? others ?? [] : [name, .. others ?? []];

    private static Task TakeFromQuery(MessageReceivedContext context)
    {
        if (context.Request.Path == MatchEndpoints.EventsPath && context.Request.Headers.Authorization.Count == 0)
        {
            context.Token = context.Request.Query[QueryParameter];
        }

        return Task.CompletedTask;
    }

    /// <summary>Answers 401, unless the authority could not say whether the token is right.</summary>
    private static Task AnswerAsync(JwtBearerChallengeContext context)
    {
        if (context.AuthenticateFailure is not DependencyUnavailableException unavailable)
        {
            return Task.CompletedTask;
        }

        context.HandleResponse();
        return Problems.DependencyUnavailable(context.Response, unavailable.RetryAfter).ExecuteAsync(context.HttpContext);
    }
}
