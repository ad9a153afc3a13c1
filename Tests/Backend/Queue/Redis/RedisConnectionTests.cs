using System.Net;
using GameStack.Backend.Queue.Redis;
using GameStack.Contracts.Settings;
using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisConnectionTests
{
    [Theory]
    [InlineData("redis", "redis", 6379)]
    [InlineData(" redis\n", "redis", 6379)]
    [InlineData("10.0.0.7", "10.0.0.7", 6379)]
    [InlineData("::1", "::1", 6379)]
    [InlineData("[2001:db8::7]", "2001:db8::7", 6379)]
    public void A_host_may_be_a_name_or_an_address(string text, string host, int port) =>
        Assert.Equal((host, port), Single(Read(("REDIS_HOST", text))!));

    [Fact]
    public void A_password_of_its_own_may_have_any_character()
    {
        var redis = Read(
            ("REDIS_HOST", "redis"), ("REDIS_PORT", "6380"), ("REDIS_USERNAME", "gamestack"), ("REDIS_PASSWORD", "a,b=c d\n"),
            ("REDIS_TLS", "true"))!;

        Assert.Equal(("redis", 6380), Single(redis));
        Assert.Equal(("gamestack", "a,b=c d", true), (redis.User, redis.Password, redis.Ssl));
    }

    [Fact]
    public void With_TLS_certificates_that_do_not_exist_are_named()
    {
        var missing = ("SSL_CERT_FILE", "/no/such");

        Assert.NotNull(Read(("REDIS_HOST", "redis"), missing));
        var refused = Assert.Throws<SettingException>(() => Read(("REDIS_HOST", "redis"), ("REDIS_TLS", "true"), missing));
        Assert.StartsWith("SSL_CERT_FILE is \"/no/such\"", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://redis", "redis", 6379, null, null, false, null)]
    [InlineData("redis://redis:6380/", "redis", 6380, null, null, false, null)]
    [InlineData("redis://:secret@[::1]:6380/2", "::1", 6380, null, "secret", false, 2)]
    [InlineData("redis://secret@10.0.0.7/0", "10.0.0.7", 6379, null, "secret", false, 0)]
    [InlineData("rediss://gamestack:p%2Cw%3D%40@redis.example.com", "redis.example.com", 6379, "gamestack", "p,w=@", true, null)]
    [InlineData("rediss://gamestack:p%20=w@redis\n", "redis", 6379, "gamestack", "p =w", true, null)]
    public void A_url_says_the_same_as_a_connection_string(
        string url, string host, int port, string? user, string? password, bool tls, int? database)
    {
        var redis = Read(("ConnectionStrings:redis", url))!;

        Assert.Equal((host, port), Single(redis));
        Assert.Equal((user, password, tls, database), (redis.User, redis.Password, redis.Ssl, redis.DefaultDatabase));
    }

    [Fact]
    public void A_connection_string_wins_over_the_host_and_over_user_and_password()
    {
        var redis = Read(
            ("ConnectionStrings:redis", "first:1,password=of string"), ("REDIS_HOST", "second"), ("REDIS_PORT", "2"),
            ("REDIS_USERNAME", "user"), ("REDIS_PASSWORD", "other"))!;

        Assert.Equal(("first", 1), Single(redis));
        Assert.Equal(("user", "of string"), (redis.User, redis.Password));
    }

    [Theory]
    [InlineData("redis:6379", 1)]
    [InlineData("redis-1:6379,redis-2:6379,password=p,ssl=true,abortConnect=true,connectTimeout=500", 2)]
    [InlineData("[::1]:6379", 1)]
    [InlineData("sentinel:26379,serviceName=primary", 1)]
    public void A_connection_string_may_have_several_hosts_and_options(string text, int hosts) =>
        Assert.Equal(hosts, Read(("ConnectionStrings:redis", text))!.EndPoints.Count);

    [Fact]
    public void Empty_settings_name_no_Redis() =>
        Assert.Null(Read(
            ("ConnectionStrings:redis", " "), ("REDIS_HOST", ""), ("REDIS_PORT", " "), ("REDIS_PASSWORD", ""), ("REDIS_TLS", "")));

    [Theory]
    [InlineData("REDIS_HOST", "redis:6379")]
    [InlineData("REDIS_HOST", "redis://redis")]
    [InlineData("REDIS_HOST", "a b")]
    [InlineData("REDIS_PORT", "tcp://10.0.0.1:6379")]
    [InlineData("REDIS_PORT", "0")]
    [InlineData("REDIS_TLS", "on")]
    [InlineData("REDIS_PORT", "6379")]
    [InlineData("REDIS_TLS", "true")]
    [InlineData("REDIS_TLS", "false")]
    [InlineData("REDIS_USERNAME", "gamestack")]
    [InlineData("REDIS_PASSWORD", "secret")]
    [InlineData("ConnectionStrings:redis", "redis:6379,password=secret,secret")]
    [InlineData("ConnectionStrings:redis", "redis:6379,password=secret,ssll=true")]
    [InlineData("ConnectionStrings:redis", "redis:6379,password=secret,ssl=maybe")]
    [InlineData("ConnectionStrings:redis", "redis:port,password=secret")]
    [InlineData("ConnectionStrings:redis", "redis:70000,password=secret")]
    [InlineData("ConnectionStrings:redis", "a b:6379,password=secret")]
    [InlineData("ConnectionStrings:redis", "password=secret")]
    [InlineData("ConnectionStrings:redis", "http://:secret@redis:6379")]
    [InlineData("ConnectionStrings:redis", "redis://:secret@redis:6379/db")]
    [InlineData("ConnectionStrings:redis", "redis://:secret@redis:0")]
    [InlineData("ConnectionStrings:redis", "redis://:secret/secret@redis")]
    [InlineData("ConnectionStrings:redis", "redis://:secret@redis?db=1")]
    [InlineData("ConnectionStrings:redis", "redis://:secret@")]
    public void A_wrong_setting_is_named_without_the_password(string key, string value)
    {
        var message = Assert.Throws<SettingException>(() => Read((key, value))).Message;

        Assert.StartsWith(key.Replace(":", "__", StringComparison.Ordinal) + " ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConnectionStrings:redis", "redis:6379,user=u,password=p", "ConnectionStrings__redis")]
    [InlineData("ConnectionStrings:redis", "redis://:p@redis", "REDIS_USERNAME and ConnectionStrings__redis")]
    [InlineData("REDIS_HOST", "redis", "REDIS_USERNAME and REDIS_PASSWORD")]
    public void The_settings_of_user_and_password_have_names(string key, string value, string names)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]).Build();

        Assert.Equal(names, RedisConnection.NameCredentials(configuration));
    }

    [Fact]
    public void A_url_with_TLS_contradicts_REDIS_TLS_false()
    {
        var wrong = Assert.Throws<SettingException>(() => Read(("ConnectionStrings:redis", "rediss://redis"), ("REDIS_TLS", "false")));

        Assert.StartsWith("REDIS_TLS is \"false\"", wrong.Message, StringComparison.Ordinal);
    }

    private static ConfigurationOptions? Read(params (string Key, string Value)[] settings) => RedisConnection.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build());

    private static (string Host, int Port) Single(ConfigurationOptions redis) => Assert.Single(redis.EndPoints) switch
    {
        DnsEndPoint dns => (dns.Host, dns.Port),
        IPEndPoint ip => (ip.Address.ToString(), ip.Port),
        var other => throw new NotSupportedException(other.ToString()),
    };
}
