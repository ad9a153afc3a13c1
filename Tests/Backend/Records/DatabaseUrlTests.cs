using GameStack.Backend.Records;
using GameStack.Contracts.Settings;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgresql://user:pass@host:5433/db", "Host=host;Port=5433;Username=user;Password=pass;Database=db")]
    [InlineData("postgres://user:pass@host/db", "Host=host;Username=user;Password=pass;Database=db")]
    [InlineData("postgresql+asyncpg://user@host/db", "Host=host;Username=user;Database=db")]
    [InlineData("postgresql://", "Host=localhost")]
    [InlineData("postgresql://host", "Host=host")]
    [InlineData("postgresql://u%40x:p%3A%2F%3F%23%25%3B%27@host/my%20db", "Host=host;Username=u@x;Password=\"p:/?#%;'\";Database=my db")]
    [InlineData("postgresql://u:p@ss:word@host/db", "Host=host;Username=u;Password=p@ss:word;Database=db")]
    [InlineData("postgresql://u:a+b@host/db", "Host=host;Username=u;Password=a+b;Database=db")]
    [InlineData("postgresql://[::1]:5433/db", "Host=::1;Port=5433;Database=db")]
    [InlineData("postgresql://[fe80::1]/db", "Host=fe80::1;Database=db")]
    [InlineData(
        "postgresql://db1:5432,db2:5433/db?target_session_attrs=read-write",
        "Host=\"db1:5432,db2:5433\";Database=db;Target Session Attributes=read-write")]
    [InlineData("postgresql://%2Fvar%2Frun%2Fpostgresql/db", "Host=/var/run/postgresql;Database=db")]
    [InlineData("postgresql:///db?host=/run/pg&user=me&password=s%26t", "Host=/run/pg;Database=db;Username=me;Password=s&t")]
    [InlineData("postgresql://host/db?sslmode=require", "Host=host;Database=db;SSL Mode=Require")]
    [InlineData(
        "postgresql://host/db?sslmode=verify-full&sslrootcert=%2Fca.pem",
        "Host=host;Database=db;SSL Mode=VerifyFull;Root Certificate=/ca.pem")]
    [InlineData(
        "postgresql://host/db?connect_timeout=7&application_name=a%20b&schema=public",
        "Host=host;Database=db;Timeout=7;Application Name=a b")]
    public void A_url_says_the_same_as_a_connection_string(string url, string expected)
    {
        var actual = new NpgsqlConnectionStringBuilder(DatabaseUrl.ToConnectionString(url, "DATABASE_URL"));

        Assert.True(new NpgsqlConnectionStringBuilder(expected).EquivalentTo(actual), actual.ConnectionString);
    }

    [Theory]
    [InlineData("mysql://user:secret@host/db")]
    [InlineData("Host=host;Password=secret")]
    [InlineData("postgresql://user:secret@host:port/db")]
    [InlineData("postgresql://user:secret@host:70000/db")]
    [InlineData("postgresql://user:secret@host/db?sslmode=maybe")]
    public void What_is_no_such_url_is_refused_without_repeating_the_password(string url)
    {
        var refusal = Assert.Throws<SettingException>(() => DatabaseUrl.ToConnectionString(url, "DATABASE_URL"));
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }
}
