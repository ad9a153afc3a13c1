using System.Net;
using System.Runtime.InteropServices;

namespace GameStack.Proxy.RateLimiting;

/// <summary>How often an address may do something.</summary>
/// <param name="Address">The address.</param>
/// <param name="PerSecond">How often continuously.</param>
/// <param name="Burst">How often at once, after a quiet period.</param>
/// <param name="Kind">What it does: each kind counts for itself.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AddressLimit(IPAddress Address, int PerSecond, int Burst, string Kind = "");
