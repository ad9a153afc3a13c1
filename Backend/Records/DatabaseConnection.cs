using System.Globalization;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>Builds the connection string for Postgres from the settings.</summary>
internal static class DatabaseConnection
{
    /// <summary>The name of the connection string, and of the database in the AppHost's graph.</summary>
    public const string Name = "matches";

    private const string Setting = $"ConnectionStrings:{Name}";
    private const string UrlSetting = "DATABASE_URL";
    private const string Expected = "Host=…;Port=…;Database=… with other keywords of Npgsql, or a postgresql:// URL";

    /// <summary>Null if the settings name no Postgres.</summary>
    /// <exception cref="SettingException">A setting is wrong. The message contains no connection string and no password.</exception>
    public static string? Read(IConfiguration configuration)
    {
        var parts = configuration.ReadSettings(new DatabaseOptions());
        var setting = configuration.FindSetting(Setting) is null ? UrlSetting : Setting;
        if (configuration.FindSetting(setting) is not { } text)
        {
            // Without this check, a forgotten URL would mean that no match is recorded.
            return FirstOf(parts) is { } first
                ? throw new SettingException($"{first} is set, but no Postgres; expected DATABASE_URL or ConnectionStrings__matches, too.")
                : null;
        }

        var isUrl = setting == UrlSetting || DatabaseUrl.IsUrl(text);
        var connectionString = isUrl ? DatabaseUrl.ToConnectionString(text, setting) : text;
        try
        {
            var connection = Complete(connectionString, parts);
            NpgsqlDataSource.Create(connection).Dispose(); // Checks the options together; it does not connect.
            CheckFiles(connection, setting);
            if (connection.SslMode is SslMode.VerifyCA or SslMode.VerifyFull)
            {
                configuration.CheckCertificates();
            }

            return connection.ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidOperationException)
        {
            // The exception's own message may contain a part of the password.
            throw SettingException.For(setting, value: null, Expected);
        }
    }

    /// <summary>The names of the settings that <see cref="Read"/> uses, for messages.</summary>
    public static DatabaseSettingNames NameSettings(IConfiguration configuration)
    {
        var setting = configuration.FindSetting(Setting) is null ? UrlSetting : Setting;
        var text = configuration.FindSetting(setting) ?? "";
        var isUrl = setting == UrlSetting || DatabaseUrl.IsUrl(text);
        var connection = new NpgsqlConnectionStringBuilder(isUrl ? DatabaseUrl.ToConnectionString(text, setting) : text);
        var name = setting.Replace(":", "__", StringComparison.Ordinal);
        string[] names =
            [connection.Username is null ? "DATABASE_USERNAME" : name, connection.Password is null ? "DATABASE_PASSWORD" : name];
        return new DatabaseSettingNames(string.Join(" and ", names.Distinct(StringComparer.Ordinal)), name);
    }

    /// <summary>Npgsql reads the files only when it connects, again and again.</summary>
    private static void CheckFiles(NpgsqlConnectionStringBuilder connection, string setting)
    {
        (string Keyword, string? File)[] files =
        [
            ("sslrootcert", connection.RootCertificate), ("sslcert", connection.SslCertificate), ("sslkey", connection.SslKey),
        ];
        foreach (var (keyword, file) in files.Where(named => named.File is { Length: > 0 } && !File.Exists(named.File)))
        {
            throw SettingException.For(setting, value: null, $"the path of a file that exists as {keyword}, unlike \"{file}\"");
        }
    }

    private static string? FirstOf(DatabaseOptions parts) =>
        parts.Username is not null ? "DATABASE_USERNAME"
        : parts.Password is not null ? "DATABASE_PASSWORD"
        : parts.Tls is not null ? "DATABASE_TLS" : null;

    /// <summary>
    /// Adds the other settings, and limits unless they are set. A backend gives up on a Postgres that does not answer before its clients
    /// give up on the backend.
    /// </summary>
    private static NpgsqlConnectionStringBuilder Complete(string connectionString, DatabaseOptions parts)
    {
        var limits = new NpgsqlConnectionStringBuilder
        {
            Timeout = 3,
            MaxPoolSize = parts.PoolSize,

            // A server that vanishes with its machine answers no more, not even that it is gone.
            TcpKeepAlive = true,
            TcpKeepAliveTime = 10,
            TcpKeepAliveInterval = 5,
        };
        var connection = new NpgsqlConnectionStringBuilder($"{limits};{connectionString}");
        var hosts = (connection.Host ?? "").Split(',');
        if (!hosts.All(IsHost))
        {
            throw new FormatException();
        }

        // With one host there is nothing to choose from, and Npgsql refuses to. With several, it would take the first that answers, even if
        // that is a replica, which takes no records.
        connection.TargetSessionAttributes = hosts.Length == 1 ? null : connection.TargetSessionAttributes ?? "primary";

        connection.Username ??= parts.Username;
        connection.Password ??= parts.Password;
        if (parts.Tls is { } tls)
        {
            connection.SslMode = SslModeFor(tls, connection.SslMode);
        }

        return connection;
    }

    /// <summary>The mode of the connection string stands if it decides about TLS, too.</summary>
    private static SslMode SslModeFor(bool tls, SslMode mode)
    {
        var requiresTls = mode is SslMode.Require or SslMode.VerifyCA or SslMode.VerifyFull;
        if (tls ? mode == SslMode.Disable : requiresTls)
        {
            throw SettingException.For("DATABASE_TLS", tls ? "true" : "false", $"no value with the SSL mode {mode} of the connection");
        }

        return !tls ? SslMode.Disable : requiresTls ? mode : SslMode.VerifyFull;
    }

    // A folder of sockets, a host, or a host with its port: /var/run/postgresql, ::1, db1:5432, [::1]:5432
    private static bool IsHost(string text)
    {
        var host = text.Trim();
        var colon = host.LastIndexOf(':');
        return host.StartsWith('/') || host.StartsWith('@')
            || HostAddressAttribute.TryParse(host) is not null
            || (colon > 0 && HostAddressAttribute.TryParse(host[..colon]) is not null
                && ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0);
    }
}
