namespace GameStack.Backend;

/// <summary>Identifies this backend.</summary>
/// <param name="Name">The name in match records and of the pods that it claims: the pod's or the machine's name (<c>HOSTNAME</c>).</param>
/// <param name="Owner">The name in leases: it adds a suffix for this process, because a restarted backend is a different one.</param>
/// <param name="Queue">The queue that this backend serves (<c>Matchmaking:Queue</c>).</param>
internal sealed record BackendIdentity(string Name, string Owner, string Queue = "default")
{
    /// <summary>The length of the suffix of <see cref="Owner"/>: <c>-1a2b3c4d</c>.</summary>
    private const int SuffixLength = 9;

    public static BackendIdentity Create(string? hostName, string? queue = null)
    {
        var name = string.IsNullOrWhiteSpace(hostName) ? Environment.MachineName : hostName;
        return new(name, $"{name}-{Guid.NewGuid():N}"[..(name.Length + SuffixLength)], queue ?? "default");
    }

    /// <summary>The name of the backend that is this <see cref="Owner"/>.</summary>
    public static string NameOf(string owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return owner.Length > SuffixLength ? owner[..^SuffixLength] : owner;
    }
}
