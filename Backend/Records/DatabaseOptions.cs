using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.Records;

/// <summary>
/// The parts of a connection to Postgres. User name, password and TLS complete a connection string or URL that does not have them.
/// </summary>
internal sealed class DatabaseOptions
{
    [SettingName("DATABASE_USERNAME")]
    public string? Username { get; set; }

    [SettingName("DATABASE_PASSWORD"), DataType(DataType.Password)]
    public string? Password { get; set; }

    /// <summary>Whether to connect with TLS; the certificate and its host name are checked.</summary>
    [SettingName("DATABASE_TLS")]
    public bool? Tls { get; set; }

    /// <summary>
    /// The most connections that one backend opens, unless the connection string says otherwise. Of the usual 100 connections, Postgres
    /// keeps three for administrators, so there are enough for 24 backends: more than the 20 of <c>deploy/components/autoscaling</c>.
    /// </summary>
    [SettingName("DATABASE_POOL_SIZE"), Range(1, 1000)]
    public int PoolSize { get; set; } = 4;
}
