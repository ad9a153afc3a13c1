using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>
/// A <c>DATABASE_URL</c> as libpq reads it: <c>postgresql://user:p%40ss@host:5432/database?sslmode=require</c>, also <c>postgres://</c> and
/// <c>postgresql+driver://</c>, as Python programs write it.
/// </summary>
public static class DatabaseUrl
{
    /// <summary>The same URL as an Npgsql connection string; parameters that Npgsql does not know are left out.</summary>
    /// <exception cref="FormatException">
    /// The text is not such a URL. The message does not repeat the text, since it may contain a password.
    /// </exception>
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "Several hosts, and what Uri would normalise.")]
    public static string ToConnectionString(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || url[..scheme].Split('+')[0] is not ("postgresql" or "postgres"))
        {
            throw new FormatException("DATABASE_URL is expected to begin with postgresql:// or postgres://");
        }

        var (address, query) = Cut(url[(scheme + 3)..], '?');
        var (authority, database) = Cut(address, '/');
        var builder = new NpgsqlConnectionStringBuilder { Host = "localhost" };

        // The last @ counts: an earlier one is part of a password and should have been escaped.
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            Set(user, value => builder.Username = value);
            Set(password, value => builder.Password = value);
        }

        SetHosts(builder, authority[(at + 1)..]);
        Set(database, value => builder.Database = value);
        foreach (var parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(parameter, '=');
            SetParameter(builder, Uri.UnescapeDataString(name), Uri.UnescapeDataString(value));
        }

        return builder.ConnectionString;
    }

    private static void SetHosts(NpgsqlConnectionStringBuilder builder, string hosts)
    {
        if (hosts.Length == 0)
        {
            return;
        }

        if (hosts.Contains(','))
        {
            // db1:5432,db2:5433, which Npgsql writes the same way.
            builder.Host = Uri.UnescapeDataString(hosts);
            return;
        }

        // A colon inside [::1] does not begin a port.
        var colon = hosts.LastIndexOf(':');
        if (colon > hosts.LastIndexOf(']'))
        {
            SetPort(builder, hosts[(colon + 1)..]);
            hosts = hosts[..colon];
        }

        Set(hosts.Trim('[', ']'), value => builder.Host = value);
    }

    private static void SetPort(NpgsqlConnectionStringBuilder builder, string port)
    {
        if (port.Length > 0)
        {
            builder.Port = ushort.TryParse(port, out var number) && number > 0
                ? number
                : throw new FormatException("DATABASE_URL has a port that is not a number from 1 to 65535");
        }
    }

    private static void SetParameter(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        switch (name)
        {
            case "user":
                builder.Username = value;
                break;
            case "password":
                builder.Password = value;
                break;
            case "host":
                builder.Host = value;
                break;
            case "port":
                SetPort(builder, value);
                break;
            case "dbname":
                builder.Database = value;
                break;
            case "sslmode":
                // verify-full is VerifyFull
                builder.SslMode = Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode)
                    ? mode
                    : throw new FormatException($"DATABASE_URL has an unknown sslmode: {value}");
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            case "sslcert":
                builder.SslCertificate = value;
                break;
            case "sslkey":
                builder.SslKey = value;
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "connect_timeout":
                builder.Timeout = int.TryParse(value, out var seconds) && seconds >= 0
                    ? seconds
                    : throw new FormatException("DATABASE_URL has a connect_timeout that is not a number of seconds");
                break;
            case "options":
                builder.Options = value;
                break;
            case "target_session_attrs":
                builder.TargetSessionAttributes = value;
                break;
            default:
                break;
        }
    }

    private static void Set(string encoded, Action<string> set)
    {
        if (encoded.Length > 0)
        {
            set(Uri.UnescapeDataString(encoded));
        }
    }

    private static (string Before, string After) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
