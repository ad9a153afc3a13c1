using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Reads the addresses of the backends: <c>services__backend__http__0</c>, <c>…__1</c> and so on, as Aspire sets them, or else
/// <c>BACKEND_URL</c>. A host name may stand for several backends (<see cref="BackendResolver"/>). Their ports for short calls, if any,
/// are in <c>services__backend__short__0</c> and so on, or else in <c>BACKEND_SHORT_URL</c>.
/// </summary>
internal static class BackendAddresses
{
    private const string AspireSection = "services:backend:http";
    private const string AspireShortSection = "services:backend:short";
    private const string Setting = "BACKEND_URL";
    private const string ShortSetting = "BACKEND_SHORT_URL";
    private const string Example = "http://localhost:5080";

    /// <returns>The addresses of the backends, at least one.</returns>
    /// <exception cref="SettingException">There is no address, or one is wrong.</exception>
    public static IReadOnlyList<BackendAddress> Read(IConfiguration configuration)
    {
        var fromAspire = configuration.GetSection(AspireSection).GetChildren().Select(child => child.Path);
        string[] settings = [.. fromAspire.Where(setting => configuration.FindSetting(setting) is not null)];
        if (settings.Length == 0 && configuration.FindSetting(Setting) is not null)
            settings = [Setting];

        return settings.Length > 0
            ? [.. settings.Select(setting => Read(setting, configuration))]
            : throw new SettingException(
                $"The proxy has no backend: set services__backend__http__0 (Aspire does) or {Setting}, such as {Example}.");
    }

    private static BackendAddress Read(string setting, IConfiguration configuration)
    {
        var url = Read(setting, configuration.FindSetting(setting)!);
        var shortSetting = setting == Setting ? ShortSetting : AspireShortSection + setting[AspireSection.Length..];
        if (configuration.FindSetting(shortSetting) is not { } text)
            return new BackendAddress(url);

        var shortUrl = Read(shortSetting, text);
        return shortUrl.Scheme == Uri.UriSchemeHttp && shortUrl.Host == url.Host
            ? new BackendAddress(url, shortUrl.Port)
            : throw SettingException.For(shortSetting, text, $"the same backend on another port, such as http://{url.Host}:5081");
    }

    private static Uri Read(string setting, string text) =>
        HttpUrl.TryParse(text) ?? throw SettingException.For(setting, text, $"the URL of a backend, such as {Example}");
}
