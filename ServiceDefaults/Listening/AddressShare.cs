using System.Net;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>What one address may have of a program's slots. A program without this service does not tell addresses apart.</summary>
/// <param name="share">The part of all slots, more than 0 and at most 1.</param>
/// <param name="hasLimit">Whether an address has a limit; that of a load balancer, for instance, has none.</param>
public sealed class AddressShare(double share, Predicate<IPAddress> hasLimit)
{
    /// <summary>The most slots of <paramref name="capacity"/> that one address may have.</summary>
    public int Of(int capacity) => Math.Max(1, (int)(capacity * share));

    /// <summary>Returns the address, or null if it has no limit.</summary>
    public IPAddress? Limited(IPAddress? address) => address is not null && hasLimit(address) ? address : null;
}
