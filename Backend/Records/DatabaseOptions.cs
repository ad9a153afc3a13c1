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
}
