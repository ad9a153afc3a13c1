using System.Net;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>What one address may have of a program's slots. A program without this service does not tell addresses apart.</summary>
/// <param name="share">The part of all slots, more than 0 and at most 1.</param>
/// <param name="keyOf">
/// What an address counts as, such as its network; null for an address without a limit, such as that of a load balancer.
/// </param>
public sealed class AddressShare(double share, Func<IPAddress, IPAddress?> keyOf)
{
    /// <summary>The most slots of <paramref name="capacity"/> that one address may have.</summary>
    public int Of(int capacity) => Math.Max(1, (int)(capacity * share));

    public IPAddress? KeyOf(IPAddress? address) => address is null ? null : keyOf(address);
}
