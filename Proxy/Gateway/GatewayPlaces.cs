using System.Diagnostics.CodeAnalysis;
using System.Net;
using GameStack.ServiceDefaults.Listening;
using Microsoft.AspNetCore.Connections;

namespace GameStack.Proxy.Gateway;

/// <summary>Counts the connections through the gateway, in all and for each address, and limits both.</summary>
/// <param name="options">The limits.</param>
/// <param name="share">
/// Says which addresses have a limit, as for the connections of the HTTP door: those of load balancers have none, and by default nor do
/// clients on this machine, so that a load test on one machine measures the stack and not this limit.
/// </param>
internal sealed class GatewayPlaces(GatewayOptions options, AddressShare share)
{
    private readonly Slots _slots = new(options.MaxConnections, MostPerAddress(options, share));

    /// <summary>For connections without a place, which stay open for a moment only to be told so.</summary>
    private readonly Slots _refusals = new(ListeningCapacity.Refusals, share.Of(ListeningCapacity.Refusals));

    private readonly Lock _lock = new();
    private readonly HashSet<TaskCompletionSource> _waiting = [];

    /// <summary>The number of connections.</summary>
    public int Taken => _slots.Taken;

    /// <summary>Takes a place, which the caller gives back by disposing of it.</summary>
    /// <returns>False when the gateway, or the address, has all the connections that it may have.</returns>
    public bool TryTake(IPAddress client, [NotNullWhen(true)] out IDisposable? place)
    {
        var address = share.Limited(client);
        place = _slots.Take(address) == SlotOutcome.Taken ? new Place(this, address) : null;
        return place is not null;
    }

    /// <summary>Whether a connection that <see cref="AdmitAsync"/> lets in is more than one that is told that there is no place.</summary>
    public static bool HasPlace(ConnectionContext connection) => connection.Features.Get<Place>() is not null;

    /// <summary>Gives a connection to the gateway's port its place, before anything is read from it.</summary>
    public async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var client = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (TryTake(client, out var place))
        {
            using (place)
            {
                connection.Features.Set((Place)place);
                await next(connection);
            }

            return;
        }

        var address = share.Limited(client);
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

            _waiting.Add(empty);
        }

        await empty.Task.WaitAsync(cancellationToken);
    }

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

            foreach (var waiting in _waiting)
            {
                waiting.SetResult();
            }

            _waiting.Clear();
        }
    }

    private sealed class Place(GatewayPlaces places, IPAddress? address) : IDisposable
    {
        private GatewayPlaces? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.GiveBack(address);
    }
}
