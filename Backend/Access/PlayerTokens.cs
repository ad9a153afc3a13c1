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

    /// <param name="token">The token as it came.</param>
    /// <param name="validationParameters">What is expected; the call's own copy.</param>
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        TrustedKeys trusted;
        try
        {
            trusted = new TrustedKeys(keys.Current, validationParameters.ConfigurationManager is { } authority
                ? await authority.GetBaseConfigurationAsync(CancellationToken.None)
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
}
