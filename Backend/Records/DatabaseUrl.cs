using System.Text.RegularExpressions;
using GameStack.Contracts.Settings;
using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>
/// A <c>DATABASE_URL</c> as libpq reads it: <c>postgresql://user:p%40ss@host:5432/database?sslmode=require</c>, also <c>postgres://</c> and
/// <c>postgresql+driver://</c>, as Python programs write it.
/// </summary>
internal static partial class DatabaseUrl
{
    /// <summary>Npgsql's keywords by libpq's parameters.</summary>
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["user"] = "Username",
        ["password"] = "Password",
        ["host"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["application_name"] = "Application Name",
        ["connect_timeout"] = "Timeout",
        ["options"] = "Options",
        ["target_session_attrs"] = "Target Session Attributes",
    };

    public static bool IsUrl(string text) =>
        text.StartsWith("postgres", StringComparison.Ordinal) && text.Contains("://", StringComparison.Ordinal);

    /// <summary>The same URL as an Npgsql connection string; parameters that Npgsql does not know are left out.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="setting">The setting that has the URL.</param>
    /// <exception cref="SettingException">
    /// The text is not such a URL. The message does not repeat the text, since it may contain a password.
    /// </exception>
    public static string ToConnectionString(string url, string setting)
    {
        var parts = Url().Match(url);
        if (!parts.Success)
        {
            throw SettingException.For(setting, value: null, "postgresql://[user[:password]@]host[:port][/database]");
        }

        var builder = new NpgsqlConnectionStringBuilder { Host = "localhost" };
        foreach (var name in Keywords.Keys)
        {
            SetParameter(name, parts.Groups[name].Value);
        }

        foreach (var parameter in parts.Groups["query"].Value.Split('&'))
        {
            var (name, value) = parameter.Split('=', 2) is [var before, var after] ? (before, after) : (parameter, "");
            SetParameter(Uri.UnescapeDataString(name), value);
        }

        return builder.ConnectionString;

        void SetParameter(string name, string encoded)
        {
            if (encoded.Length > 0 && Keywords.TryGetValue(name, out var keyword)
                && !TrySet(builder, keyword, Uri.UnescapeDataString(encoded)))
            {
                throw SettingException.For(setting, value: null, $"a postgresql:// URL with a valid {name}");
            }
        }
    }

    private static bool TrySet(NpgsqlConnectionStringBuilder builder, string keyword, string value)
    {
        try
        {
            // Npgsql writes verify-full as VerifyFull.
            builder[keyword] = keyword is "SSL Mode" ? value.Replace("-", "") : value;
            return builder.Port is > 0 and <= ushort.MaxValue;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // The last @ counts: an earlier one is part of a password. Several hosts keep their ports (db1:5432,db2:5433), as Npgsql writes them.
    [GeneratedRegex(
        """
        ^postgres(ql)?(\+[^:]*)?://
        ((?<user>[^:/?]*)(:(?<password>[^/?]*))?@)?
        ((?<host>[^/?,]+,[^/?]*)|(\[(?<host>[^]/?]*)\]|(?<host>[^:/?]*))(:(?<port>[^/?]*))?)
        (/(?<dbname>[^?]*))?(\?(?<query>.*))?$
        """,
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Url();
}
