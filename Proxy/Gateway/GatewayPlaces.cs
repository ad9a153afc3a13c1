using System.Diagnostics.CodeAnalysis;
using System.Net;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.Gateway;

/// <summary>Counts the connections through the gateway, in all and for each address, and limits both.</summary>
/// <param name="options">The limits.</param>
/// <param name="share">
/// Says which addresses have a limit, as for the connections of the HTTP door: those of load balancers have none, and by default nor do
/// clients on this machine, so that a load test on one machine measures the stack and not this limit.
/// </param>
internal sealed class GatewayPlaces(GatewayOptions options, AddressShare share)
{
    private readonly Slots _slots = new(
        options.MaxConnections, options.MaxConnectionsPerAddress > 0 ? options.MaxConnectionsPerAddress : int.MaxValue);

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
