using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// The parts of a connection to Redis. User name, password and TLS complete a connection string that does not have them; the host and its
/// port stand for a connection string.
/// </summary>
internal sealed class RedisOptions
{
    [SettingName("REDIS_HOST"), HostAddress]
    public string? Host { get; set => field = value is null ? null : HostAddressAttribute.TryParse(value); }

    /// <summary>By default <see cref="RedisConnection.DefaultPort"/>.</summary>
    [SettingName("REDIS_PORT"), Range(1, 65_535)]
    public int? Port { get; set; }

    [SettingName("REDIS_USERNAME")]
    public string? Username { get; set; }

    [SettingName("REDIS_PASSWORD"), DataType(DataType.Password)]
    public string? Password { get; set; }

    /// <summary>Whether to connect with TLS; the certificate is checked.</summary>
    [SettingName("REDIS_TLS")]
    public bool? Tls { get; set; }
}
