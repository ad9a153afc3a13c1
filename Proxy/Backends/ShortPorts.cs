using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using GameStack.ServiceDefaults.Timing;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// The backends' ports for short calls, and which of them answer. After a backend has answered a probe, its port is tried, too, until it
/// answers: a backend of an older version has no such port, and a network policy may forbid it.
/// </summary>
internal sealed partial class ShortPorts(TimeProvider time, ILogger<ShortPorts> logger)
{
    private const string PortKey = "ShortPort";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A destination has no port if its configuration names none.</summary>
    private readonly ConditionalWeakTable<DestinationState, ShortPort?> _ports = [];

    /// <summary>What the configuration of a backend says about its port.</summary>
    public static IReadOnlyDictionary<string, string> Metadata(int port) =>
        new Dictionary<string, string>(StringComparer.Ordinal) { [PortKey] = port.ToString(CultureInfo.InvariantCulture) };

    /// <summary>The backend's port; null if it has none that answers.</summary>
    public ShortPort? FindOpen(DestinationState backend) => Find(backend) is { State: ShortPortState.Open } port ? port : null;

    /// <summary>Tries the ports of these backends that did not answer before. Does not wait for the answers.</summary>
    public void Check(ClusterState cluster, IEnumerable<DestinationState> backends)
    {
        foreach (var backend in backends)
        {
            if (Find(backend) is { State: not ShortPortState.Open } port && port.TryBeginCheck())
                _ = CheckAsync(cluster.Model.HttpClient, port);
        }
    }

    /// <summary>Sends no calls to the port before it has answered again.</summary>
    public void Close(ShortPort port, string reason)
    {
        if (port.Change(ShortPortState.Closed) != ShortPortState.Closed)
            Log.Closed(logger, port.Url, reason);
    }

    private ShortPort? Find(DestinationState backend) => _ports.GetValue(backend, Read);

    private static ShortPort? Read(DestinationState backend) =>
        backend.Model.Config is { Metadata: { } metadata } config && metadata.TryGetValue(PortKey, out var port)
            ? new ShortPort(
                new UriBuilder(config.Address) { Port = int.Parse(port, CultureInfo.InvariantCulture) }.Uri.AbsoluteUri)
            : null;

    private async Task CheckAsync(HttpMessageInvoker backends, ShortPort port)
    {
        using var limit = new TimeLimit(Patience, time, CancellationToken.None);
        try
        {
            using var probe = BackendProbes.For(port.Url.TrimEnd('/'));
            probe.Version = HttpVersion.Version20;
            using var answer = await backends.SendAsync(probe, limit.Token);
            if (port.Change(ShortPortState.Open) == ShortPortState.Closed)
                Log.Open(logger, port.Url);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            Close(port, e.Message);
        }
        finally
        {
            port.EndCheck();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ShortPortClosed, LogLevel.Information,
            "A backend does not answer at {Url}; its short calls go to its other port: {Reason}")]
        public static partial void Closed(ILogger logger, string url, string reason);

        [LoggerMessage(EventIds.ShortPortOpen, LogLevel.Information, "The backend answers at {Url} again")]
        public static partial void Open(ILogger logger, string url);
    }
}
