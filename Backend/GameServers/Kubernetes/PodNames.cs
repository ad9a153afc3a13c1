namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The names that this fleet and the manifests under <c>deploy/</c> have to agree on.</summary>
internal static class PodNames
{
    /// <summary>The Deployment that keeps the standby pool, its container, and the value of the label <see cref="App"/>.</summary>
    public const string GameServer = "game-server";

    public const string App = "app";
    public const string Pool = "pool";
    public const string Standby = "standby";
    public const string Claimed = "claimed";

    /// <summary>Value of <see cref="Pool"/>: an operator has set the pod aside, and backends leave it alone.</summary>
    public const string Debug = "debug";

    public const string SessionId = "session_id";

    /// <summary>What all our annotations and labels with a domain begin with.</summary>
    public const string Prefix = "gamestack/";

    /// <summary>Label of claimed pods: the pod's own name, so that a selector can match exactly this pod.</summary>
    public const string Pod = "gamestack/pod";

    public const string GamePort = "game";
    public const string ControlPort = "control";

    /// <summary>Annotation: the backend that claimed the pod.</summary>
    public const string Backend = "gamestack/backend";

    /// <summary>
    /// Annotation: the match again. Operators edit labels, since selectors work with them; nobody edits this by accident.
    /// </summary>
    public const string Session = "gamestack/session";

    /// <summary>Annotation: the queue of the match. Several queues may share a namespace and its standby pool.</summary>
    public const string Queue = "gamestack/queue";

    /// <summary>Annotation: how often the container had restarted when the pod was claimed. One more restart ends its match.</summary>
    public const string Restarts = "gamestack/restarts";

    /// <summary>Annotation: the ids of the keys that the server is told for its match's tickets.</summary>
    public const string TicketKeys = "gamestack/ticket-keys";

    /// <summary>Annotation: <c>host:port</c> as the players got it; absent when that is the pod's own address.</summary>
    public const string Address = "gamestack/address";

    /// <summary>Annotation: <c>true</c> where <see cref="Address"/> is the gateway's.</summary>
    public const string Gateway = "gamestack/gateway";

    /// <summary>Annotation that keeps the cluster autoscaler from removing the node.</summary>
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    /// <summary>Annotation that makes a ReplicaSet delete its other pods first, if the pod gets back into one.</summary>
    public const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>The name of a pod that is created for one match.</summary>
    public static string Of(Guid matchId) => $"{GameServer}-{matchId.ToString()[..8]}";

    /// <summary>A name to use when somebody else's object has this one.</summary>
    public static string Another(string name) => $"{name}-{Random.Shared.Next(1 << 20):x5}";
}
