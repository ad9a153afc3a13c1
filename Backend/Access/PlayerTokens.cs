using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>
/// Checks players' tokens: the lifetime, issuer and audience at every call, but the signature only once, as long as the same keys count.
/// A player who waits calls again and again with the same token.
/// </summary>
internal sealed partial class PlayerTokens(PlayerKeys keys, TimeProvider time, ILogger<PlayerTokens> logger) : TokenHandler
{
    /// <summary>How long a failed question is not asked again.</summary>
    private static readonly TimeSpan RetryInterval = DependencyUnavailableException.UsualRetryAfter;

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly CheckedSignatures _checked = new();
    private readonly Lock _gate = new();
    private Task<BaseConfiguration>? _asked;
    private long _failedAt;
    private bool _isUnavailable;

    /// <param name="token">The token as it came.</param>
    /// <param name="validationParameters">What is expected; the call's own copy.</param>
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if (validationParameters.ConfigurationManager is not { } authority)
        {
            return await CheckAsync(token, validationParameters, saidByAuthority: null);
        }

        var asked = AskAsync(authority);
        if (!asked.IsCompletedSuccessfully && await CheckWithoutAuthorityAsync(token, validationParameters) is { IsValid: true } result)
        {
            return result;
        }

        BaseConfiguration said;
        try
        {
            said = await asked;
        }
        catch (InvalidOperationException e)
        {
            // Nothing is known about the token then.
            return new() { Exception = new DependencyUnavailableException("The authority of players' tokens", e.Message, e) };
        }

        return await CheckAsync(token, validationParameters, said);
    }

    /// <summary>
    /// What an authority that is unavailable cannot hold up: a token that counts by the settings and the files alone. So it counts with the
    /// authority, too, since the authority only adds keys and an issuer.
    /// </summary>
    private Task<TokenValidationResult> CheckWithoutAuthorityAsync(string token, TokenValidationParameters expected)
    {
        var alone = expected.Clone();
        alone.ConfigurationManager = null;
        return CheckAsync(token, alone, saidByAuthority: null);
    }

    private async Task<TokenValidationResult> CheckAsync(
        string token, TokenValidationParameters expected, BaseConfiguration? saidByAuthority)
    {
        var trusted = new TrustedKeys(keys.Current, saidByAuthority);
        if (_checked.Contains(token, trusted))
        {
            expected.SignatureValidator = (text, _) => new JsonWebToken(text);
            expected.ValidateIssuerSigningKey = false;
            return await _handler.ValidateTokenAsync(token, expected);
        }

        var result = await _handler.ValidateTokenAsync(token, expected);
        if (result.IsValid)
        {
            _checked.Add(token, trusted);
        }

        return result;
    }

    /// <summary>
    /// What the authority says now. All calls share one question, and its failure for a second: the library would ask once for each of
    /// them, one after the other.
    /// </summary>
    private Task<BaseConfiguration> AskAsync(BaseConfigurationManager authority)
    {
        lock (_gate)
        {
            if (_asked is null || (_asked.IsCompleted && !HasJustFailed(_asked)))
            {
                // Otherwise, a key that is gone would count for an hour more.
                authority.UseLastKnownGoodConfiguration = false;
                _asked = ReadAsync(authority);
            }

            return _asked;
        }
    }

    private bool HasJustFailed(Task question) => question.IsFaulted && time.GetElapsedTime(_failedAt) < RetryInterval;

    /// <summary>Never runs twice at once.</summary>
    private async Task<BaseConfiguration> ReadAsync(BaseConfigurationManager authority)
    {
        try
        {
            var said = await authority.GetBaseConfigurationAsync(CancellationToken.None);
            if (_isUnavailable)
            {
                _isUnavailable = false;
                Log.AuthorityAnswers(logger);
            }

            return said;
        }
        catch (InvalidOperationException e)
        {
            _failedAt = time.GetTimestamp();
            if (!_isUnavailable)
            {
                _isUnavailable = true;
                Log.AuthorityUnavailable(logger, e.Message);
            }

            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AuthorityUnavailable, LogLevel.Warning,
            "The authority of players' tokens is unavailable; accepting only tokens that can be checked without it; retrying: {Reason}")]
        public static partial void AuthorityUnavailable(ILogger logger, string reason);

        [LoggerMessage(EventIds.AuthorityAnswers, LogLevel.Information, "The authority of players' tokens answers")]
        public static partial void AuthorityAnswers(ILogger logger);
    }
}
