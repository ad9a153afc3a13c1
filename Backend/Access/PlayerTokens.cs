using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>
/// Checks players' tokens: the lifetime, issuer and audience at every call, but the signature only once, as long as the same keys count.
/// A player who waits calls again and again with the same token.
/// </summary>
internal sealed class PlayerTokens(PlayerKeys keys) : TokenHandler
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly CheckedSignatures _checked = new();
    private readonly Lock _gate = new();
    private Task<BaseConfiguration>? _asked;

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
    /// What the authority says now. All calls share one question: the library would ask once for each of them, one after the other.
    /// </summary>
    private Task<BaseConfiguration> AskAsync(BaseConfigurationManager authority)
    {
        lock (_gate)
        {
            if (_asked is not { IsCompleted: false })
            {
                // Otherwise, a key that is gone would count for an hour more.
                authority.UseLastKnownGoodConfiguration = false;
                _asked = authority.GetBaseConfigurationAsync(CancellationToken.None);
            }

            return _asked;
        }
    }
}
