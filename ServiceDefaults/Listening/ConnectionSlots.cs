using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// Decides about every connection as it is accepted, so that a program never runs out of descriptors: the runtime may then fail anywhere. A
/// connection without a slot stays open for a moment, to be answered; beyond a few of these, connections are closed at once.
/// </summary>
public sealed partial class ConnectionSlots
{
    private readonly AddressShare? _share;
    private readonly Slots _slots;
    private readonly Slots _namedClients;
    private readonly RefusedConnections _refusals;
    private readonly ILogger<ConnectionSlots> _logger;
    private readonly Counter<long> _refused;
    private int _isFull;

    public ConnectionSlots(
        IOptions<ListeningOptions> options, IOptions<ListeningCost> cost, IMeterFactory meters, TimeProvider time,
        ILogger<ConnectionSlots> logger, AddressShare? share = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentNullException.ThrowIfNull(meters);
        (_share, _logger) = (share, logger);
        Capacity = ListeningCapacity.Of(options.Value, cost.Value, DescriptorLimit.Value, MemoryLimit.Value);
        _slots = new Slots(Capacity, share?.Of(Capacity) ?? Capacity);
        _namedClients = new Slots(Capacity, share?.Of(Capacity) ?? Capacity);
        _refusals = new RefusedConnections(share?.Of(ListeningCapacity.Refusals) ?? ListeningCapacity.Refusals, time);

        var meter = meters.Create("GameStack.ServiceDefaults");
        meter.CreateObservableUpDownCounter(
            "gamestack.connections.open", () => _slots.Taken, "{connection}", "Connections of clients that have a slot.");
        meter.CreateObservableUpDownCounter(
            "gamestack.connections.limit", () => Capacity, "{connection}", "The most connections that may have a slot.");
        _refused = meter.CreateCounter<long>("gamestack.connections.refused", "{connection}", "Connections that got no slot.");
    }

    /// <summary>The most connections that get a slot.</summary>
    public int Capacity { get; }

    /// <summary>Returns the connection, to be served or refused; null when it has to be closed at once.</summary>
    internal ConnectionContext? Admit(ConnectionContext connection) => Admit(connection, _slots);

    /// <summary>
    /// Serves a connection that was admitted as a load balancer's, and whose first bytes have since named the client: the client has its
    /// share, too.
    /// </summary>
    public async Task AdmitNamedClientAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(next);
        if (connection.Features.Get<RefusedConnection>() is not null)
        {
            await next(connection);
            return;
        }

        await using var admitted = Admit(connection, _namedClients);
        if (admitted is not null)
        {
            await next(admitted);
        }
    }

    private ConnectionContext? Admit(ConnectionContext connection, Slots slots)
    {
        var address = _share?.Limited((connection.RemoteEndPoint as IPEndPoint)?.Address);
        var outcome = slots.Take(address);
        if (outcome == SlotOutcome.Taken)
        {
            return new CountedConnection(connection, () => Release(slots, address));
        }

        Report(outcome);
        connection.Features.Set(new RefusedConnection(outcome));
        return _refusals.Take(connection, address);
    }

    private void Release(Slots slots, IPAddress? address)
    {
        slots.Release(address);
        if (_isFull == 1 && _slots.Taken < Capacity * 0.9 && Interlocked.Exchange(ref _isFull, 0) == 1)
        {
            Log.HasRoom(_logger);
        }
    }

    private void Report(SlotOutcome outcome)
    {
        var reason = outcome == SlotOutcome.Full ? "full" : "address";
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        if (outcome == SlotOutcome.Full && Interlocked.Exchange(ref _isFull, 1) == 0)
        {
            Log.Full(_logger, Capacity);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConnectionsFull, LogLevel.Warning,
            "All {Capacity} connections that this program can serve are open; new ones get 503.")]
        public static partial void Full(ILogger logger, int capacity);

        [LoggerMessage(EventIds.ConnectionsHaveRoom, LogLevel.Information, "There is room for connections again.")]
        public static partial void HasRoom(ILogger logger);
    }
}
