using System.Globalization;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Configuration;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// The addresses that ASP.NET Core listens on. Checks them, since it takes a port that is no number for a part of the host's name.
/// </summary>
public static class ListenAddresses
{
    private static readonly (string Key, string Variable)[] Ports = [("http_ports", "HTTP_PORTS"), ("https_ports", "HTTPS_PORTS")];

    /// <summary>The variables of <c>urls</c>.</summary>
    private static readonly string[] UrlVariables = ["ASPNETCORE_URLS", "DOTNET_URLS", "URLS"];

    /// <summary>
    /// Removes white space from the variables with addresses: ASP.NET Core would take it for an address, or for a part of one, but not in
    /// ports. Call this before the builder is made, which keeps a copy.
    /// </summary>
    internal static void TrimVariables()
    {
        foreach (var variable in UrlVariables)
        {
            if (Environment.GetEnvironmentVariable(variable) is { } text)
                Environment.SetEnvironmentVariable(variable, string.Join(';', Parts(text)));
        }
    }

    /// <exception cref="SettingException">An address is not valid.</exception>
    public static void Check(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (!Parts(configuration, "urls").All(url => ReadUrl(url) is not null))
            throw SettingException.For("ASPNETCORE_URLS", configuration["urls"], "URLs such as http://*:8080, separated by semicolons");

        foreach (var (key, variable) in Ports)
        {
            if (!Parts(configuration, key).All(IsPort))
                throw SettingException.For(variable, configuration[key], "port numbers from 0 to 65535, separated by semicolons");
        }
    }

    /// <summary>The ports of the addresses. As for the server, Kestrel's own endpoints count before URLs, and these before ports.</summary>
    public static IReadOnlySet<int> PortsOf(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string[] endpoints = [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "")];
        string[] urls = endpoints.Length > 0 ? endpoints : Parts(configuration, "urls");
        string[] ports = urls.Length > 0 ? [] : [.. Ports.SelectMany(setting => Parts(configuration, setting.Key)).Where(IsPort)];
        HashSet<int> all =
        [
            .. urls.Select(ReadUrl).OfType<Uri>().Select(url => url.Port),
            .. ports.Select(port => int.Parse(port, CultureInfo.InvariantCulture)),
        ];
        return all;
    }

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string[] Parts(IConfiguration configuration, string key) => Parts(configuration[key] ?? "");

    private static string[] Parts(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // http://*:8080 and http://+:8080 stand for every address.
    private static Uri? ReadUrl(string text) => HttpUrl.TryParse(text
        .Replace("://*", "://localhost", StringComparison.Ordinal)
        .Replace("://+", "://localhost", StringComparison.Ordinal));
}
