using System.Diagnostics.Metrics;

namespace GameStack.Proxy.Gateway;

/// <summary>What goes through the gateway.</summary>
internal sealed class GatewayMetrics
{
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _refusals;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("GameStack.Proxy");
        _connections = meter.CreateUpDownCounter<long>(
            "gamestack.gateway.connections", "{connection}", "Connections between players and game servers");
        _bytes = meter.CreateCounter<long>("gamestack.gateway.bytes", "By", "Bytes carried between players and game servers");
        _refusals = meter.CreateCounter<long>("gamestack.gateway.refusals", "{connection}", "Connections that led to no game server");
    }

    /// <param name="kind"><c>tcp</c>, <c>tls</c> or <c>websocket</c>.</param>
    public void Opened(string kind) => _connections.Add(1, Kind(kind));

    public void Closed(string kind) => _connections.Add(-1, Kind(kind));

    public void CarriedToServer(int bytes) => _bytes.Add(bytes, new KeyValuePair<string, object?>("direction", "to_server"));

    public void CarriedToPlayer(int bytes) => _bytes.Add(bytes, new KeyValuePair<string, object?>("direction", "to_player"));

    /// <param name="reason">The word after <c>DENIED</c>, or <see cref="Refusals.Displaced"/>.</param>
    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);
}
