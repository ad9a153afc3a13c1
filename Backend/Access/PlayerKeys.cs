using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>
/// The keys of <see cref="PlayersOptions.KeyFile"/>. A changed file counts within a second: a new key is trusted, and one that is gone no
/// longer is. The keys of a file that was deleted stop counting, too, unless no file is left. Thread-safe.
/// </summary>
/// <exception cref="ArgumentException">A file has something else than public keys.</exception>
/// <exception cref="IOException">A file cannot be read.</exception>
/// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
internal sealed class PlayerKeys(IOptions<PlayersOptions> options, TimeProvider time, ILogger<PlayerKeys> logger)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>Apart, so that one that cannot be read does not keep the keys of another.</summary>
    private readonly ReplaceableFiles<IReadOnlyList<SecurityKey>>[] _files =
    [
        .. options.Value.KeyFiles.Select(
            file => new ReplaceableFiles<IReadOnlyList<SecurityKey>>([file], texts => PublicKeys.Read(texts[0]), time, logger)),
    ];

    private volatile Snapshot _snapshot = new([], []);

    /// <summary>The same list until a file changes.</summary>
    public IReadOnlyList<SecurityKey> Current
    {
        get
        {
            if (_files is [var only])
            {
                return only.Get(MaxAge); // Its keys count even if it is gone. Every call of a player gets here.
            }

            var contents = Array.ConvertAll(_files, file => file.Get(MaxAge));
            IReadOnlyList<SecurityKey>[] parts = [.. contents.Where((_, i) => !_files[i].IsGone)];
            if (parts.Length > 0 && !parts.SequenceEqual(_snapshot.Parts))
            {
                _snapshot = new Snapshot(parts, [.. parts.SelectMany(keys => keys)]);
            }

            return _snapshot.Keys;
        }
    }

    /// <summary>The keys that may have signed a token: those with its key id, and those without any.</summary>
    public IEnumerable<SecurityKey> Find(string? keyId, TokenValidationParameters parameters, BaseConfiguration? authority) =>
        Current.Concat(authority?.SigningKeys ?? []).Concat(parameters.IssuerSigningKeys ?? [])
            .Where(key => string.IsNullOrEmpty(keyId) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == keyId);

    private sealed record Snapshot(IReadOnlyList<SecurityKey>[] Parts, IReadOnlyList<SecurityKey> Keys);
}
