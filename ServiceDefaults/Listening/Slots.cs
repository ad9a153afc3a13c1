using System.Net;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>A limited number of slots, of which one address may have a part. Thread-safe.</summary>
/// <param name="capacity">All slots.</param>
/// <param name="mostPerAddress">The most slots that one address may have.</param>
public sealed class Slots(int capacity, int mostPerAddress)
{
    private readonly Lock _gate = new();

    /// <summary>Only addresses that have a slot are in here, so it never has more entries than there are slots.</summary>
    private readonly Dictionary<IPAddress, int> _byAddress = [];

    private int _taken;

    public int Capacity => capacity;

    public int MostPerAddress => mostPerAddress;

    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Takes a slot, which <see cref="Release"/> gives back; says why when there is none.</summary>
    /// <param name="address">The address that the slot counts for; null for one without a limit of its own.</param>
    public SlotOutcome Take(IPAddress? address)
    {
        lock (_gate)
        {
            if (_taken >= capacity)
            {
                return SlotOutcome.Full;
            }

            if (address is not null)
            {
                var had = _byAddress.GetValueOrDefault(address);
                if (had >= mostPerAddress)
                {
                    return SlotOutcome.AddressFull;
                }

                _byAddress[address] = had + 1;
            }

            _taken++;
            return SlotOutcome.Taken;
        }
    }

    public void Release(IPAddress? address)
    {
        lock (_gate)
        {
            _taken--;
            if (address is null)
            {
                return;
            }

            var left = _byAddress[address] - 1;
            if (left == 0)
            {
                _byAddress.Remove(address);
            }
            else
            {
                _byAddress[address] = left;
            }
        }
    }
}
