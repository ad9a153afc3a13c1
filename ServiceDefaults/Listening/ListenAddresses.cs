using System.Globalization;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Configuration;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>Checks the addresses that ASP.NET Core listens on: it takes a port that is no number for a part of the host's name.</summary>
internal static class ListenAddresses
{
    private static readonly (string Key, string Variable)[] Ports = [("http_ports", "HTTP_PORTS"), ("https_ports", "HTTPS_PORTS")];

    /// <exception cref="SettingException">An address is not valid.</exception>
    public static void Check(IConfiguration configuration)
    {
        if (!Parts(configuration, "urls").All(IsUrl))
            throw SettingException.For("ASPNETCORE_URLS", configuration["urls"], "URLs such as http://*:8080, separated by semicolons");

        foreach (var (key, variable) in Ports)
        {
            if (!Parts(configuration, key).All(IsPort))
                throw SettingException.For(variable, configuration[key], "port numbers from 0 to 65535, separated by semicolons");
        }
    }

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string[] Parts(IConfiguration configuration, string key) =>
        (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // http://*:8080 and http://+:8080 stand for every address.
    private static bool IsUrl(string text) => HttpUrl.TryParse(text
        .Replace("://*", "://localhost", StringComparison.Ordinal)
        .Replace("://+", "://localhost", StringComparison.Ordinal)) is not null;
}
