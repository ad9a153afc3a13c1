namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>How players reach a match's pod.</summary>
internal enum GameServerExposure
{
    /// <summary>By the pod's own address, for players inside the cluster or in a network that routes to pods.</summary>
    PodIp,

    /// <summary>By a NodePort Service for each match.</summary>
    NodePort,

    /// <summary>By a port of the pod's node. This exposure has no standby pool: each match's pod is created with its own port.</summary>
    HostPort,

    /// <summary>By the gateway, with a ticket: one address for all matches. Only proxies and backends have to reach the pods.</summary>
    Gateway,
}
