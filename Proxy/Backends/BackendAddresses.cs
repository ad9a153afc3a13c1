using System.Diagnostics.CodeAnalysis;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Reads the addresses of the backends: <c>services__backend__http__0</c>, <c>…__1</c> and so on, as Aspire sets them, or else
/// <c>BACKEND_URL</c>.
/// </summary>
internal static class BackendAddresses
{
    private const string AspireSection = "services:backend:http";
    private const string Setting = "BACKEND_URL";
    private const string Example = "http://localhost:5080";

    /// <param name="configuration">The proxy's settings.</param>
    /// <param name="addresses">The addresses of the backends, at least one.</param>
    /// <param name="problem">One line for the person who starts the proxy, if there are no addresses.</param>
    public static bool TryRead(
        IConfiguration configuration,
        [NotNullWhen(true)] out IReadOnlyList<Uri>? addresses,
        [NotNullWhen(false)] out string? problem)
    {
        addresses = null;
        problem = null;

        var configured = Configured(configuration);
        if (configured.Length == 0)
        {
            problem = $"The proxy has no backend: set services__backend__http__0 (Aspire does) or {Setting}, such as {Example}.";
            return false;
        }

        var read = new List<Uri>(configured.Length);
        foreach (var text in configured)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
                || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            {
                problem = $"\"{text}\" is not the address of a backend; expected an address such as {Example}.";
                return false;
            }

            read.Add(address);
        }

        addresses = read;
        return true;
    }

    private static string[] Configured(IConfiguration configuration)
    {
        var section = configuration.GetSection(AspireSection);
        string[] fromAspire = [.. section.GetChildren().Select(child => child.Value).OfType<string>().Where(HasText)];
        if (fromAspire.Length > 0)
            return fromAspire;

        return configuration[Setting] is { } single && HasText(single) ? [single] : [];
    }

    private static bool HasText(string text) => !string.IsNullOrWhiteSpace(text);
}
