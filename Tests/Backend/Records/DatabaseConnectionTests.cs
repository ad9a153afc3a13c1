using GameStack.Backend.Records;
using GameStack.Contracts.Settings;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class DatabaseConnectionTests
{
    [Fact]
    public void User_and_password_of_their_own_may_have_any_character()
    {
        var connection = Read(
            ("DATABASE_URL", "postgresql://postgres/matches"),
            ("DATABASE_USERNAME", "game;stack"), ("DATABASE_PASSWORD", "a;b='c\" d@/\n"));

        Assert.Equal(("postgres", "matches"), (connection.Host, connection.Database));
        Assert.Equal(("game;stack", "a;b='c\" d@/"), (connection.Username, connection.Password));
    }

    [Fact]
    public void A_connection_string_wins_over_the_url_and_over_user_and_password()
    {
        var connection = Read(
            ("ConnectionStrings:matches", "Host=first;Username=u;Password=p;Timeout=9\n"), ("DATABASE_URL", "postgresql://second"),
            ("DATABASE_USERNAME", "other"), ("DATABASE_PASSWORD", "other"));

        Assert.Equal(("first", "u", "p"), (connection.Host, connection.Username, connection.Password));
        Assert.Equal((9, 4), (connection.Timeout, connection.MaxPoolSize));
    }

    [Theory]
    [InlineData("DATABASE_URL", "postgresql://db1/matches?target_session_attrs=primary", "db1", null)]
    [InlineData("ConnectionStrings:matches", "Host=db1;Target Session Attributes=read-write", "db1", null)]
    [InlineData("DATABASE_URL", "postgresql://db1,db2:5433/matches?target_session_attrs=primary", "db1,db2:5433", "primary")]
    [InlineData("DATABASE_URL", "postgresql://db1,db2/matches?target_session_attrs=any", "db1,db2", "any")]
    [InlineData("DATABASE_URL", "postgresql://[::1]:5432,[::1]:5433/matches", "[::1]:5432,[::1]:5433", "primary")]
    [InlineData("ConnectionStrings:matches", "Host=db1,db2:5433", "db1,db2:5433", "primary")]
    [InlineData("DATABASE_URL", "postgresql://[2001:db8::7]/matches", "2001:db8::7", null)]
    [InlineData("ConnectionStrings:matches", "Host=::1;Port=5433", "::1", null)]
    [InlineData("ConnectionStrings:matches", "postgresql://db1/matches", "db1", null)]
    [InlineData("ConnectionStrings:matches", "Host=/var/run/postgresql", "/var/run/postgresql", null)]
    public void Hosts_may_be_one_or_several_names_or_addresses(string key, string value, string host, string? target)
    {
        var connection = Read((key, value));

        Assert.Equal((host, target), (connection.Host, connection.TargetSessionAttributes));
    }

    [Theory]
    [InlineData("postgresql://host", "true", SslMode.VerifyFull)]
    [InlineData("postgresql://host?sslmode=require", "true", SslMode.Require)]
    [InlineData("postgresql://host?sslmode=prefer", "true", SslMode.VerifyFull)]
    [InlineData("postgresql://host", "false", SslMode.Disable)]
    [InlineData("postgresql://host", "", SslMode.Prefer)]
    public void One_setting_asks_for_TLS(string url, string tls, SslMode mode) =>
        Assert.Equal(mode, Read(("DATABASE_URL", url), ("DATABASE_TLS", tls)).SslMode);

    [Theory]
    [InlineData("Host=host", "7", 7)]
    [InlineData("Host=host;Maximum Pool Size=9", "7", 9)]
    public void A_setting_limits_the_connections_unless_the_connection_string_does(string connectionString, string setting, int limit) =>
        Assert.Equal(limit, Read(("ConnectionStrings:matches", connectionString), ("DATABASE_POOL_SIZE", setting)).MaxPoolSize);

    [Theory]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host?sslrootcert=/no/such", "sslrootcert", "/no/such")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host?sslcert=/no/such", "sslcert", "/no/such")]
    [InlineData("ConnectionStrings:matches", "Host=host;Password=secret;SSL Key=/no/such", "sslkey", "/no/such")]
    public void A_file_of_the_connection_that_does_not_exist_is_named(string key, string value, string keyword, string file)
    {
        var message = Assert.Throws<SettingException>(() => DatabaseConnection.Read(Configuration((key, value)))).Message;

        Assert.Equal(
            $"{key.Replace(":", "__", StringComparison.Ordinal)} is not valid; expected the path of a file that exists as {keyword}, "
            + $"unlike \"{file}\".",
            message);
    }

    [Theory]
    [InlineData("postgresql://host", "true")]
    [InlineData("postgresql://host?sslmode=verify-ca", "")]
    public void Certificates_that_TLS_would_need_and_that_do_not_exist_are_named(string url, string tls)
    {
        var settings = Configuration(("DATABASE_URL", url), ("DATABASE_TLS", tls), ("SSL_CERT_FILE", "/no/such"));

        Assert.StartsWith(
            "SSL_CERT_FILE is \"/no/such\"", Assert.Throws<SettingException>(() => DatabaseConnection.Read(settings)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_settings_name_no_Postgres() => Assert.Null(DatabaseConnection.Read(Configuration(
        ("ConnectionStrings:matches", ""), ("DATABASE_URL", " \n"), ("DATABASE_PASSWORD", ""), ("DATABASE_TLS", " "))));

    [Theory]
    [InlineData("DATABASE_USERNAME", "gamestack")]
    [InlineData("DATABASE_PASSWORD", "secret")]
    [InlineData("DATABASE_TLS", "true")]
    [InlineData("DATABASE_TLS", "false")]
    [InlineData("DATABASE_TLS", "require")]
    [InlineData("DATABASE_URL", "mysql://u:secret@host/db")]
    [InlineData("DATABASE_URL", "Host=host;Password=secret")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host:port/db")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host:0/db")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host:70000/db")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@db1:5432,db2:70000/db")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@a b/db")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host/db?sslmode=maybe")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@host/db?connect_timeout=soon")]
    [InlineData("DATABASE_URL", "postgresql://u:secret@db1,db2/db?target_session_attrs=both")]
    [InlineData("ConnectionStrings:matches", "Host=host;Password=secret;secret=x")]
    [InlineData("ConnectionStrings:matches", "Host=host;Password='secret")]
    [InlineData("ConnectionStrings:matches", "Host=host;Port=many;Password=secret")]
    [InlineData("ConnectionStrings:matches", "Database=matches;Password=secret")]
    [InlineData("ConnectionStrings:matches", "Host=host;Password=secret;Minimum Pool Size=50")]
    [InlineData("ConnectionStrings:matches", "secret")]
    public void A_wrong_setting_is_named_without_the_password(string key, string value)
    {
        var message = Assert.Throws<SettingException>(() => DatabaseConnection.Read(Configuration((key, value)))).Message;

        Assert.StartsWith(key.Replace(":", "__", StringComparison.Ordinal) + " ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://host?sslmode=disable", "true")]
    [InlineData("postgresql://host?sslmode=require", "false")]
    public void An_SSL_mode_may_contradict_DATABASE_TLS(string url, string tls)
    {
        var wrong = Assert.Throws<SettingException>(
            () => DatabaseConnection.Read(Configuration(("DATABASE_URL", url), ("DATABASE_TLS", tls))));

        Assert.StartsWith($"DATABASE_TLS is \"{tls}\"", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DATABASE_URL", "postgresql://host/db", "DATABASE_USERNAME and DATABASE_PASSWORD", "DATABASE_URL")]
    [InlineData("DATABASE_URL", "postgresql://u:p@host/db", "DATABASE_URL", "DATABASE_URL")]
    [InlineData(
        "ConnectionStrings:matches", "Host=host;Username=u", "ConnectionStrings__matches and DATABASE_PASSWORD",
        "ConnectionStrings__matches")]
    public void The_settings_of_the_connection_have_names(string key, string value, string credentials, string database) =>
        Assert.Equal(new DatabaseSettingNames(credentials, database), DatabaseConnection.NameSettings(Configuration((key, value))));

    private static NpgsqlConnectionStringBuilder Read(params (string Key, string Value)[] settings) =>
        new(DatabaseConnection.Read(Configuration(settings)));

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        .Build();
}
