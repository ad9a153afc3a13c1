using System.Globalization;
using GameStack.Contracts.Settings;
using LocalServers;
using Microsoft.Extensions.Configuration;

namespace GameStack.AppHost;

/// <summary>The fixed ports of a run: the proxy's, its gateway's and the dashboard's.</summary>
internal static class RunPorts
{
    // The setting, and what listens at its address. Each value is a URL; port 0 means any free port.
    private static readonly (string Setting, string Listener)[] DashboardAddresses =
    [
        ("ASPNETCORE_URLS", "the dashboard"),
        ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "the dashboard's telemetry endpoint"),
        ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "the AppHost's resource service"),
    ];

    /// <summary>The port that the proxy listens on (<c>Proxy__Port</c>).</summary>
    /// <exception cref="SettingException">The setting is wrong.</exception>
    public static int Proxy(IConfiguration configuration) => Port(configuration, "Proxy:Port", 8080);

    /// <summary>The port of the gateway to the matches (<c>Gateway__Port</c>).</summary>
    /// <exception cref="SettingException">The setting is wrong.</exception>
    public static int Gateway(IConfiguration configuration) => Port(configuration, "Gateway:Port", 7777);

    /// <exception cref="RunRefusedException">Another program uses one of the ports.</exception>
    /// <exception cref="SettingException">An address is wrong.</exception>
    public static void CheckFree(IConfiguration configuration)
    {
        if (configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
        {
            return;
        }

        CheckFree(Proxy(configuration), "the proxy", "port with Proxy__Port");
        CheckFree(Gateway(configuration), "the gateway", "port with Gateway__Port");
        foreach (var (setting, listener) in DashboardAddresses)
        {
            foreach (var address in (configuration[setting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                {
                    throw SettingException.For(setting, configuration[setting], "a URL such as http://localhost:18888");
                }

                if (url.Port != 0)
                {
                    CheckFree(url.Port, listener, $"address with {setting}");
                }
            }
        }
    }

    private static int Port(IConfiguration configuration, string setting, int otherwise) => configuration[setting]?.Trim() switch
    {
        null or "" => otherwise,
        var text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 => port,
        var text => throw SettingException.For(setting, text, "a port number from 1 to 65535"),
    };

    private static void CheckFree(int port, string listener, string choice)
    {
        if (!FreePort.IsFree(port))
        {
            throw new RunRefusedException(
                $"Port {port}, where {listener} would listen, is in use by another program: end that program, or choose another {choice}.");
        }
    }
}
