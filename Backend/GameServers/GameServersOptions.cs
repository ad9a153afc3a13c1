namespace GameStack.Backend.GameServers;

/// <summary>The section <c>GameServers</c> of the configuration.</summary>
public sealed class GameServersOptions
{
    public const string Section = "GameServers";

    /// <summary>The contract's own name for <see cref="ConnectHost"/>.</summary>
    public const string ConnectHostVariable = "GAME_SERVER_CONNECT_HOST";

    /// <summary>Where servers come from: <c>Process</c> (child processes of this backend) or <c>Kubernetes</c> (pods).</summary>
    public string Fleet { get; set; } = "Process";

    /// <summary>The path of the game server program that child processes run.</summary>
    public string? Program { get; set; }

    /// <summary>How many servers to keep on standby, so that a match need not wait for one to start.</summary>
    public int Standby { get; set; } = 16;

    /// <summary>The maximum number of servers at any time, including those on standby.</summary>
    public int MaxServers { get; set; } = 1000;

    /// <summary>
    /// The host that players are told to connect to. Processes: the default is 127.0.0.1, and servers then listen only there; with any host
    /// but a loopback address, they listen on every address. Pods: it replaces the node's address; it has no effect with exposure PodIp,
    /// where each pod has its own address.
    /// </summary>
    public string? ConnectHost { get; set; }

    /// <summary>How long a process may take to become ready.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a server may take to accept its session and to answer at the address that its players connect to.</summary>
    public TimeSpan AssignTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an allocation may take in total.</summary>
    public TimeSpan AllocationTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a server that was told to stop may take before it is killed.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often each server with a match is probed.</summary>
    public TimeSpan WatchPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a server may take to answer a probe. A server that fails to answer three times in a row is ended, and so is its match.
    /// </summary>
    public TimeSpan WatchTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than its length a match may run before it is ended.</summary>
    public TimeSpan OverrunGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest a match may live, counted from its assignment. It is shorter than the time for which the queue remembers a match.
    /// </summary>
    public TimeSpan LongestMatch { get; set; } = TimeSpan.FromHours(24.5);

    /// <summary>
    /// How long a stopping backend waits for the matches that its child processes play, in seconds. Then it ends the matches that still
    /// run, and their players are told. 30, or 0 in Development, where Ctrl+C should be quick.
    /// </summary>
    public double DrainSeconds { get; set; } = 30;

    /// <summary>Fleet Kubernetes: how players reach a match's pod.</summary>
    public GameServerExposure Exposure { get; set; } = GameServerExposure.PodIp;

    /// <summary>Fleet Kubernetes: the file with the private key that signs each pod's control token, a P-256 key in PEM format.</summary>
    public string? ControlKeyFile { get; set; }

    /// <summary>Fleet Kubernetes: how long the cluster's network may take to route players to a server that has its session.</summary>
    public TimeSpan RouteTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Exposure HostPort: the first of the node ports that matches may use.</summary>
    public int FirstHostPort { get; set; } = 7000;

    /// <summary>Exposure HostPort: the last of the node ports that matches may use.</summary>
    public int LastHostPort { get; set; } = 7999;

    internal TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds);
}
