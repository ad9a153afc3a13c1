namespace GameStack.Backend;

/// <summary>Who this backend is.</summary>
/// <param name="Name">What the records show: the pod's or the machine's name (<c>HOSTNAME</c>).</param>
/// <param name="Owner">What leases carry: the name and a suffix of this process, since a restarted backend is another one.</param>
public sealed record BackendIdentity(string Name, string Owner)
{
    public static BackendIdentity Create(string? hostName)
    {
        var name = string.IsNullOrWhiteSpace(hostName) ? Environment.MachineName : hostName;
        return new(name, $"{name}-{Guid.NewGuid():N}"[..(name.Length + 9)]);
    }
}
