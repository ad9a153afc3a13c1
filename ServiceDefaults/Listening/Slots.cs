using System.Net;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>A limited number of slots, of which one address may have a part. Thread-safe.</summary>
/// <param name="capacity">All slots.</param>
/// <param name="mostPerAddress">The most slots that one address may have: see <see cref="ClientNetwork"/>.</param>
public sealed class Slots(int capacity, int mostPerAddress)
{
    private readonly Lock _gate = new();

    /// <summary>Only networks that have a slot are in here, so it never has more than two entries for each slot.</summary>
    private readonly Dictionary<IPNetwork, int> _byNetwork = [];

    private int _taken;

    public int Capacity => capacity;

    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Whether <see cref="Take"/> would find a slot for the address now.</summary>
    public bool HasRoomFor(IPAddress? address)
    {
        var networks = NetworksOf(address);
        lock (_gate)
        {
            return LookFor(networks) == SlotOutcome.Taken;
        }
    }

    /// <summary>Takes a slot, which <see cref="Release"/> gives back; says why when there is none.</summary>
    /// <param name="address">The address that the slot counts for; null for one without a limit of its own.</param>
    public SlotOutcome Take(IPAddress? address)
    {
        var networks = NetworksOf(address);
        lock (_gate)
        {
            if (LookFor(networks) is var outcome && outcome != SlotOutcome.Taken)
            {
                return outcome;
            }

            foreach (var network in networks)
            {
                _byNetwork[network.Addresses] = _byNetwork.GetValueOrDefault(network.Addresses) + 1;
            }

            _taken++;
            return SlotOutcome.Taken;
        }
    }

    public void Release(IPAddress? address)
    {
        var networks = NetworksOf(address);
        lock (_gate)
        {
            _taken--;
            foreach (var network in networks)
            {
                if (--_byNetwork[network.Addresses] == 0)
                {
                    _byNetwork.Remove(network.Addresses);
                }
            }
        }
    }

    /// <summary>To be called inside the gate.</summary>
    private SlotOutcome LookFor(ClientNetwork[] networks) => _taken >= capacity ? SlotOutcome.Full
        : networks.Any(network => _byNetwork.GetValueOrDefault(network.Addresses) >= (long)mostPerAddress * network.Shares)
            ? SlotOutcome.AddressFull
        : SlotOutcome.Taken;

    private static ClientNetwork[] NetworksOf(IPAddress? address) => address is null ? []
        : ClientNetwork.Around(address) is { } around ? [ClientNetwork.Of(address), around]
        : [ClientNetwork.Of(address)];
}
