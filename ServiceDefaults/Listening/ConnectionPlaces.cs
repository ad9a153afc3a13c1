using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// Decides about every connection as it is accepted, so that a program never runs out of descriptors: the runtime may then fail anywhere. A
/// connection without a place stays open for a moment, to be answered; beyond a few of these, connections are closed at once.
/// </summary>
public sealed partial class ConnectionPlaces
{
    private readonly AddressShare? _share;
    private readonly Places _places;
    private readonly Places _refusals;
    private readonly TimeProvider _time;
    private readonly ILogger<ConnectionPlaces> _logger;
    private readonly Counter<long> _refused;
    private int _isFull;

    public ConnectionPlaces(
        IOptions<ListeningOptions> options, IOptions<ListeningCost> cost, IMeterFactory meters, TimeProvider time,
        ILogger<ConnectionPlaces> logger, AddressShare? share = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentNullException.ThrowIfNull(meters);
        (_share, _time, _logger) = (share, time, logger);
        Capacity = ListeningCapacity.Of(options.Value, cost.Value, DescriptorLimit.Value, MemoryLimit.Value);
        _places = new Places(Capacity, share?.Of(Capacity) ?? Capacity);
        _refusals = new Places(ListeningCapacity.Refusals, share?.Of(ListeningCapacity.Refusals) ?? ListeningCapacity.Refusals);

        var meter = meters.Create("GameStack.ServiceDefaults");
        meter.CreateObservableUpDownCounter(
            "gamestack.connections.open", () => _places.Taken, "{connection}", "Connections of clients that have a place.");
        meter.CreateObservableUpDownCounter(
            "gamestack.connections.limit", () => Capacity, "{connection}", "The most connections that may have a place.");
        _refused = meter.CreateCounter<long>("gamestack.connections.refused", "{connection}", "Connections that got no place.");
    }

    /// <summary>The most connections that get a place.</summary>
    public int Capacity { get; }

    /// <summary>Returns the connection, to be served or refused; null when it has to be closed at once.</summary>
    internal ConnectionContext? Admit(ConnectionContext connection)
    {
        var address = _share?.KeyOf((connection.RemoteEndPoint as IPEndPoint)?.Address);
        var outcome = _places.Take(address);
        if (outcome == PlaceOutcome.Taken)
        {
            return new CountedConnection(connection, () => Release(address));
        }

        Report(outcome);
        if (_refusals.Take(address) != PlaceOutcome.Taken)
        {
            return null;
        }

        connection.Features.Set(new RefusedConnection(outcome));
        return new RefusedConnection.Context(connection, () => _refusals.Release(address), _time);
    }

    private void Release(IPAddress? address)
    {
        _places.Release(address);
        if (_isFull == 1 && _places.Taken < Capacity * 0.9 && Interlocked.Exchange(ref _isFull, 0) == 1)
        {
            Log.HasRoom(_logger);
        }
    }

    private void Report(PlaceOutcome outcome)
    {
        var reason = outcome == PlaceOutcome.Full ? "full" : "address";
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        if (outcome == PlaceOutcome.Full && Interlocked.Exchange(ref _isFull, 1) == 0)
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
