using System.Globalization;
using System.Net.Sockets;
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

    /// <exception cref="RunRefusedException">Another program uses one of the ports, or this user may not.</exception>
    /// <exception cref="SettingException">An address is wrong, or two listeners have the same port.</exception>
    public static void CheckFree(IConfiguration configuration)
    {
        if (configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
        {
            return;
        }

        RunPort[] ports =
        [
            new(Proxy(configuration), "the proxy", "Proxy__Port", "choose another port with Proxy__Port."),
            new(Gateway(configuration), "the gateway", "Gateway__Port", "choose another port with Gateway__Port."),
            .. DashboardPorts(configuration),
        ];
        foreach (var same in ports.GroupBy(port => port.Number))
        {
            if (same.DistinctBy(port => port.Setting).ToArray() is [var one, var other, ..])
            {
                throw new SettingException($"{one.Setting} and {other.Setting} both name port {same.Key}; expected different ports.");
            }
        }

        foreach (var port in ports)
        {
            CheckFree(port);
        }
    }

    private static IEnumerable<RunPort> DashboardPorts(IConfiguration configuration)
    {
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
                    // launchSettings.json overrides a variable of the shell.
                    yield return new RunPort(
                        url.Port, listener, setting,
                        $"choose another address: dotnet run --project AppHost -e {setting}=http://localhost:<port>");
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

    private static void CheckFree(RunPort port)
    {
        if (FreePort.WhyUnusable(port.Number) is { } error)
        {
            var reason = error == SocketError.AccessDenied
                ? "needs more rights: run the AppHost with them"
                : "is in use by another program: end that program";
            throw new RunRefusedException($"Port {port.Number}, where {port.Listener} would listen, {reason}, or {port.Remedy}");
        }
    }

    /// <param name="Number">The port.</param>
    /// <param name="Listener">What would listen there.</param>
    /// <param name="Setting">The environment variable that names the port.</param>
    /// <param name="Remedy">How to choose another one.</param>
    private sealed record RunPort(int Number, string Listener, string Setting, string Remedy);
}
