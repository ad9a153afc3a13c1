using System.Globalization;

namespace GameStack.Bench.Gateway;

/// <summary>
/// The kernel's table of connections, where a firewall, or a cluster on this machine, has switched it on. It keeps a closed connection for
/// two minutes, and while it is full the kernel drops what would open another one, so that figures would be those of the table.
/// </summary>
internal static class TrackedConnections
{
    private const string Count = "/proc/sys/net/netfilter/nf_conntrack_count";
    private const int Few = 20_000;

    public static async Task WaitUntilFewAsync(CancellationToken cancellationToken)
    {
        while (File.Exists(Count)
            && int.Parse(await File.ReadAllTextAsync(Count, cancellationToken), CultureInfo.InvariantCulture) > Few)
        {
            // Nothing signals that the kernel has forgotten some.
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }
}
