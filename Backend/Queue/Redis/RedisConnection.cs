using System.Globalization;
using System.Net;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Builds the options of the connection to Redis from the settings.</summary>
internal static class RedisConnection
{
    /// <summary>The name of the connection string, and of the server in the AppHost's graph.</summary>
    public const string Name = "redis";

    public const int DefaultPort = 6379;

    private const string Setting = $"ConnectionStrings:{Name}";

    /// <summary>Null if the settings name no Redis.</summary>
    /// <exception cref="SettingException">A setting is wrong. The message contains no connection string and no password.</exception>
    public static ConfigurationOptions? Read(IConfiguration configuration)
    {
        var parts = configuration.ReadSettings(new RedisOptions());
        if ((FromText(configuration.FindSetting(Setting)) ?? FromHost(parts)) is not { } redis)
        {
            // Without this check, a forgotten host would mean a queue in memory.
            return FirstWithoutHost(parts) is { } forgotten
                ? throw new SettingException($"{forgotten} is set, but no Redis; expected REDIS_HOST or ConnectionStrings__redis, too.")
                : null;
        }

        if (redis.Ssl && parts.Tls == false)
        {
            throw new SettingException("REDIS_TLS is \"false\", but ConnectionStrings__redis asks for TLS; expected true, or no value.");
        }

        redis.Ssl |= parts.Tls == true;
        if (redis.Ssl)
        {
            configuration.CheckCertificates();
        }

        redis.User = redis.User is { Length: > 0 } user ? user : parts.Username;
        redis.Password = redis.Password is { Length: > 0 } password ? password : parts.Password;
        return redis;
    }

    /// <summary>The names of the settings that have the user and the password, for messages.</summary>
    public static string NameCredentials(IConfiguration configuration)
    {
        var text = FromText(configuration.FindSetting(Setting));
        var setting = Setting.Replace(":", "__", StringComparison.Ordinal);
        string[] names = [text?.User is null ? "REDIS_USERNAME" : setting, text?.Password is null ? "REDIS_PASSWORD" : setting];
        return string.Join(" and ", names.Distinct(StringComparer.Ordinal));
    }

    private static string? FirstWithoutHost(RedisOptions parts) =>
        parts.Username is not null ? "REDIS_USERNAME"
        : parts.Password is not null ? "REDIS_PASSWORD"
        : parts.Port is not null ? "REDIS_PORT"
        : parts.Tls is not null ? "REDIS_TLS" : null;

    private static ConfigurationOptions? FromHost(RedisOptions parts) =>
        parts.Host is { } host ? new ConfigurationOptions { EndPoints = { { host, parts.Port ?? DefaultPort } } } : null;

    private static ConfigurationOptions? FromText(string? text) =>
        text is null ? null : text.Contains("://", StringComparison.Ordinal) && !text.Contains(',', StringComparison.Ordinal)
            ? FromUrl(text)
            : FromConnectionString(text);

    // redis://user:p%40ss@host:6379/0, and rediss:// with TLS
    private static ConfigurationOptions FromUrl(string text)
    {
        const string Expected = "redis://[[user]:password@]host[:port][/database], or rediss:// for TLS";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss")
            || HostAddressAttribute.TryParse(url.DnsSafeHost) is not { } host
            || url is not { Port: not 0, Query.Length: 0, Fragment.Length: 0 })
        {
            throw SettingException.For(Setting, value: null, Expected);
        }

        var redis = new ConfigurationOptions { Ssl = url.Scheme == "rediss" };
        redis.EndPoints.Add(host, url.Port < 0 ? DefaultPort : url.Port);
        if (url.AbsolutePath is { Length: > 1 } path)
        {
            redis.DefaultDatabase = int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var database)
                ? database
                : throw SettingException.For(Setting, value: null, Expected);
        }

        var (user, password) = url.UserInfo.Split(':', 2) is [var before, var after] ? (before, after) : ("", url.UserInfo);
        redis.User = user.Length > 0 ? Uri.UnescapeDataString(user) : null;
        redis.Password = password.Length > 0 ? Uri.UnescapeDataString(password) : null;
        return redis;
    }

    private static ConfigurationOptions FromConnectionString(string text)
    {
        try
        {
            var redis = ConfigurationOptions.Parse(text, ignoreUnknown: false);
            if (redis.EndPoints.Count > 0 && redis.EndPoints.All(IsValid) && !HasHostAfterOption(text))
            {
                return redis;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // The message of the exception may contain a part of the password.
        }

        throw SettingException.For(
            Setting, value: null, "host:port[,option=value …] or a redis:// URL; a password with a comma belongs in REDIS_PASSWORD");
    }

    private static bool IsValid(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint dns => HostAddressAttribute.TryParse(dns.Host) is not null,
        _ => true,
    };

    /// <summary>The end of a password with a comma looks like another host: <c>redis:6379,password=se,cret</c>.</summary>
    private static bool HasHostAfterOption(string text) => text.Split(',')
        .SkipWhile(part => !part.Contains('=', StringComparison.Ordinal))
        .Any(part => part.Trim().Length > 0 && !part.Contains('=', StringComparison.Ordinal));
}
