using System.Net;
using GameStack.ServiceDefaults.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// Counts the players' connections through the gateway, in all and for each address, and limits both. A connection has a place once its
/// ticket has been accepted; until then it waits at the <see cref="Entrance"/>.
/// </summary>
internal sealed class GatewayPlaces
{
    /// <summary>
    /// Says which addresses have a limit, as for the connections of the HTTP door: those of load balancers have none, and by default nor
    /// do clients on this machine, so that a load test on one machine measures the stack and not this limit.
    /// </summary>
    private readonly AddressShare _share;

    private readonly GatewayMetrics _metrics;
    private readonly Slots _slots;
    private readonly Entrance _entrance;

    /// <summary>For connections without a place, which stay open for a moment only to be told so.</summary>
    private readonly Slots _refusals;

    private readonly Lock _lock = new();
    private readonly HashSet<TaskCompletionSource> _untilEmpty = [];

    public GatewayPlaces(IOptions<GatewayOptions> options, AddressShare share, GatewayMetrics metrics)
    {
        (_share, _metrics) = (share, metrics);
        var mostPerAddress = MostPerAddress(options.Value, share);
        _slots = new Slots(options.Value.MaxConnections, mostPerAddress);
        _entrance = new Entrance(_slots, options.Value.WaitingConnections, mostPerAddress, share);
        _refusals = new Slots(ListeningCapacity.Refusals, share.Of(ListeningCapacity.Refusals));
    }

    /// <summary>The number of connections that have a place.</summary>
    public int Taken => _slots.Taken;

    /// <summary>The place of a client that does not wait at the entrance. The caller disposes of it.</summary>
    public GatewayPlace PlaceFor(IPAddress client)
    {
        var address = _share.Limited(client);
        return new GatewayPlace(() => Take(address), () => GiveBack(address));
    }

    /// <summary>
    /// Lets a connection to the gateway's port wait for its place, before anything is read from it. One that has no
    /// <see cref="GatewayPlace"/> among its features is only to be told that there is no room.
    /// </summary>
    public async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = _share.Limited((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        if (_slots.HasRoomFor(address))
        {
            await LetWaitAsync(connection, address, next);
            return;
        }

        if (_refusals.Take(address) != SlotOutcome.Taken)
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            _refusals.Release(address);
        }
    }

    /// <summary>Completes when no connection is left.</summary>
    public async Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Taken == 0)
                return;

            _untilEmpty.Add(empty);
        }

        await empty.Task.WaitAsync(cancellationToken);
    }

    private async Task LetWaitAsync(ConnectionContext connection, IPAddress? address, ConnectionDelegate next)
    {
        var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        var waiting = _entrance.Enter(socket, address, out var hasDisplaced);
        if (hasDisplaced)
            _metrics.Refused(Refusals.Displaced);

        using var place = new GatewayPlace(() => _entrance.TryLeave(waiting, () => Take(address)), () => GiveBack(address));
        connection.Features.Set(place);
        try
        {
            await next(connection);
        }
        finally
        {
            _entrance.Leave(waiting);
        }
    }

    private bool Take(IPAddress? address) => _slots.Take(address) == SlotOutcome.Taken;

    /// <summary>On a small host, the setting alone would let one address have every place.</summary>
    private static int MostPerAddress(GatewayOptions options, AddressShare share) => options.MaxConnectionsPerAddress > 0
        ? Math.Min(options.MaxConnectionsPerAddress, share.Of(options.MaxConnections))
        : int.MaxValue;

    private void GiveBack(IPAddress? address)
    {
        _slots.Release(address);
        lock (_lock)
        {
            if (Taken > 0)
                return;

            foreach (var waiting in _untilEmpty)
            {
                waiting.SetResult();
            }

            _untilEmpty.Clear();
        }
    }
}
