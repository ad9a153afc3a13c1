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
        TrustedKeys trusted;
        try
        {
            trusted = new TrustedKeys(keys.Current, validationParameters.ConfigurationManager is { } authority
                ? await ReadAsync(authority)
                : null);
        }
        catch (InvalidOperationException e)
        {
            // Nothing is known about the token then.
            return new() { Exception = new DependencyUnavailableException("The authority of players' tokens", e.Message, e) };
        }

        if (_checked.Contains(token, trusted))
        {
            validationParameters.SignatureValidator = (text, _) => new JsonWebToken(text);
            validationParameters.ValidateIssuerSigningKey = false;
            return await _handler.ValidateTokenAsync(token, validationParameters);
        }

        var result = await _handler.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid)
        {
            _checked.Add(token, trusted);
        }

        return result;
    }

    /// <summary>
    /// What the authority says now. All calls share one question: the library would ask once for each of them, one after the other.
    /// </summary>
    private Task<BaseConfiguration> ReadAsync(BaseConfigurationManager authority)
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
