using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>
/// The keys of <see cref="PlayersOptions.KeyFile"/>. A changed file counts within a second: a new key is trusted, and one that is gone no
/// longer is. Thread-safe.
/// </summary>
/// <exception cref="ArgumentException">A file has something else than public keys.</exception>
/// <exception cref="IOException">A file cannot be read.</exception>
/// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
internal sealed class PlayerKeys(IOptions<PlayersOptions> options, TimeProvider time, ILogger<PlayerKeys> logger)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly ReplaceableFiles<IReadOnlyList<SecurityKey>> _keys = new(
        options.Value.KeyFiles, texts => [.. texts.SelectMany(PublicKeys.Read)], time, logger);

    /// <summary>The same list until a file changes.</summary>
    public IReadOnlyList<SecurityKey> Current => _keys.Get(MaxAge);

    /// <summary>The keys that may have signed a token: those with its key id, and those without any.</summary>
    public IEnumerable<SecurityKey> Find(string? keyId, TokenValidationParameters parameters, BaseConfiguration? authority) =>
        Current.Concat(authority?.SigningKeys ?? []).Concat(parameters.IssuerSigningKeys ?? [])
            .Where(key => string.IsNullOrEmpty(keyId) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == keyId);
}
