namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>What a backend knows of the address of a pod's players.</summary>
internal sealed class PlayerRoute
{
    public long TriedAt { get; set; }

    /// <summary>The port of the pod's address, as it was seen at <see cref="PortSeenAt"/>.</summary>
    public int? Port { get; set; }

    public long PortSeenAt { get; set; }

    /// <summary>Whether the address answered when it was last tried; null if it could not be tried.</summary>
    public bool? Answers { get; set; }

    /// <summary>Why the Service could not be repaired; null when there is nothing wrong with it.</summary>
    public string? Obstacle { get; set; }

    public int Failures { get; set; }
}
