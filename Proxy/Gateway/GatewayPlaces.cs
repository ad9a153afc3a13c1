using System.Diagnostics.CodeAnalysis;
using System.Net;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.Gateway;

/// <summary>Counts the connections through the gateway, in all and for each address, and limits both.</summary>
/// <param name="options">The limits.</param>
/// <param name="share">
/// Says which addresses count as one, as for the connections of the HTTP door: those of load balancers have no limit, and by default nor
/// do clients on this machine, so that a load test on one machine measures the stack and not this limit.
/// </param>
internal sealed class GatewayPlaces(GatewayOptions options, AddressShare share)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private readonly HashSet<TaskCompletionSource> _waiting = [];
    private int _all;

    /// <summary>The number of connections.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _all;
            }
        }
    }

    /// <summary>Takes a place, which the caller gives back by disposing of it.</summary>
    /// <returns>False when the gateway, or the address, has all the connections that it may have.</returns>
    public bool TryTake(IPAddress client, [NotNullWhen(true)] out IDisposable? place)
    {
        var address = options.MaxConnectionsPerAddress > 0 ? share.KeyOf(client) : null;
        lock (_lock)
        {
            var count = address is null ? 0 : _byAddress.GetValueOrDefault(address);
            if (_all >= options.MaxConnections || (address is not null && count >= options.MaxConnectionsPerAddress))
            {
                place = null;
                return false;
            }

            _all++;
            if (address is not null)
                _byAddress[address] = count + 1;
        }

        place = new Place(this, address);
        return true;
    }

    /// <summary>Completes when no connection is left.</summary>
    public async Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_all == 0)
                return;

            _waiting.Add(empty);
        }

        await empty.Task.WaitAsync(cancellationToken);
    }

    private void GiveBack(IPAddress? address)
    {
        lock (_lock)
        {
            _all--;
            if (address is not null && --_byAddress[address] == 0)
                _byAddress.Remove(address);

            if (_all == 0)
            {
                foreach (var waiting in _waiting)
                {
                    waiting.SetResult();
                }

                _waiting.Clear();
            }
        }
    }

    private sealed class Place(GatewayPlaces places, IPAddress? address) : IDisposable
    {
        private GatewayPlaces? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.GiveBack(address);
    }
}
