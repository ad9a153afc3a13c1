using GameStack.Contracts.Lines;

namespace GameStack.Backend.GameServers;

/// <summary>The settings of the section <c>GameServers</c> that every fleet uses; each fleet's own settings are there too.</summary>
internal sealed class GameServersOptions
{
    public const string Section = "GameServers";

    /// <summary>The contract's own name for <see cref="ConnectHost"/>.</summary>
    public const string ConnectHostVariable = "GAME_SERVER_CONNECT_HOST";

    /// <summary>Where servers come from: <c>Process</c> (child processes of this backend) or <c>Kubernetes</c> (pods).</summary>
    public string Fleet { get; set; } = "Process";

    /// <summary>
    /// The host that players connect to. Processes: the default is 127.0.0.1, and servers then listen only there; with any host
    /// but a loopback address, they listen on every address. Pods: it replaces the node's address; it has no effect with exposure PodIp,
    /// where each pod has its own address.
    /// </summary>
    public string? ConnectHost { get; set; }

    /// <summary>How long a server may take to accept its session and to answer at the address that its players connect to.</summary>
    public TimeSpan AssignTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an allocation may take in total.</summary>
    public TimeSpan AllocationTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How often each server with a match is probed.</summary>
    public TimeSpan WatchPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a server may take to answer a probe. A server that fails to answer three times in a row is ended, and so is its match.
    /// </summary>
    public TimeSpan WatchTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than its length a match may run before it is ended.</summary>
    public TimeSpan OverrunGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest match that a client may ask for, and the longest that a match may stay open before a client asks. Game servers keep to
    /// it and tell clients the length that stands. At most a day, as the game protocol says.
    /// </summary>
    public TimeSpan LongestMatch { get; set; } = TimeSpan.FromSeconds(GameProtocol.MaxMatchSeconds);

    /// <summary>
    /// The longest a match may live, counted from its assignment: no game server allows more. It is shorter than the time for which the
    /// queue remembers a match.
    /// </summary>
    internal TimeSpan LongestLife => LongestMatch + TimeSpan.FromSeconds(GameProtocol.OpenMarginSeconds);
}
