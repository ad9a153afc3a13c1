using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>
/// The keys of <see cref="PlayersOptions.KeyFile"/>. A changed file counts within a second: a new key is trusted, and one that is gone no
/// longer is. Thread-safe.
/// </summary>
internal sealed partial class PlayerKeys
{
    private static readonly TimeSpan ReloadInterval = TimeSpan.FromSeconds(1);

    private readonly PlayersOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PlayerKeys> _logger;
    private readonly Lock _gate = new();
    private IReadOnlyList<SecurityKey> _keys;
    private string[] _texts;
    private long _loadedAt;
    private bool _isUnusable;

    /// <exception cref="ArgumentException">A file has something else than public keys.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public PlayerKeys(IOptions<PlayersOptions> options, TimeProvider time, ILogger<PlayerKeys> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        (_texts, _loadedAt) = (ReadFiles(), time.GetTimestamp());
        _keys = Parse(_texts);
    }

    /// <summary>The same list until a file changes.</summary>
    public IReadOnlyList<SecurityKey> Current
    {
        get
        {
            lock (_gate)
            {
                if (_texts.Length > 0 && _time.GetElapsedTime(_loadedAt) >= ReloadInterval)
                {
                    Reload();
                }

                return _keys;
            }
        }
    }

    /// <summary>The keys that may have signed a token: those with its key id, and those without any.</summary>
    public IEnumerable<SecurityKey> Find(string? keyId, TokenValidationParameters parameters, BaseConfiguration? authority) =>
        Current.Concat(authority?.SigningKeys ?? []).Concat(parameters.IssuerSigningKeys ?? [])
            .Where(key => string.IsNullOrEmpty(keyId) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == keyId);

    /// <summary>A file that is unreadable, or being written, changes nothing.</summary>
    private void Reload()
    {
        _loadedAt = _time.GetTimestamp();
        try
        {
            var texts = ReadFiles();
            if (!texts.SequenceEqual(_texts))
            {
                (_keys, _texts) = (Parse(texts), texts);
            }

            _isUnusable = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            if (!_isUnusable)
            {
                Log.Unusable(_logger, _options.KeyFile!, e.Message);
            }

            _isUnusable = true;
        }
    }

    private string[] ReadFiles() => [.. _options.KeyFiles.Select(File.ReadAllText)];

    private static IReadOnlyList<SecurityKey> Parse(string[] texts) => [.. texts.SelectMany(PublicKeys.Read)];

    private static partial class Log
    {
        [LoggerMessage(EventIds.PlayerKeysUnusable, LogLevel.Warning,
            "Cannot use the players' keys in {File}; the last ones stay: {Reason}")]
        public static partial void Unusable(ILogger logger, string file, string reason);
    }
}
