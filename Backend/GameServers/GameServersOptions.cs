using System.ComponentModel.DataAnnotations;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Lines;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.GameServers;

/// <summary>The settings of the section <c>GameServers</c> that every fleet uses; each fleet's own settings are there too.</summary>
internal sealed class GameServersOptions
{
    public const string Section = "GameServers";

    /// <summary>The contract's own name for <see cref="ConnectHost"/>.</summary>
    public const string ConnectHostVariable = "GAME_SERVER_CONNECT_HOST";

    /// <summary>Where servers come from.</summary>
    public FleetKind Fleet { get; set; } = FleetKind.Process;

    /// <summary>
    /// The host that players connect to. Processes: the default is 127.0.0.1, and servers then listen only there; with any host
    /// but a loopback address, they listen on every address. Pods: it replaces the node's address; with exposure PodIp or
    /// Gateway, it is an error.
    /// </summary>
    [SettingName(ConnectHostVariable), HostAddress(ForOthers = true)]
    public string? ConnectHost { get; set => field = value is null ? null : HostAddressAttribute.TryParse(value); }

    /// <summary>
    /// Whether players must show a ticket to their server. By default they must where there is a key (<c>Tickets:KeyFile</c>), but not in
    /// Development.
    /// </summary>
    public TicketUse? Tickets { get; set; }

    /// <summary>How long a player's seat is kept when the connection is lost, and the match goes on with empty seats, in seconds.</summary>
    [Range(1, 3600)]
    public double ReconnectSeconds { get; set; } = 15;

    /// <summary>How long a server may take to accept its session and to answer at the address that its players connect to.</summary>
    [Duration]
    public TimeSpan AssignTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an allocation may take in total.</summary>
    [Duration]
    public TimeSpan AllocationTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How often each server with a match is probed.</summary>
    [Duration]
    public TimeSpan WatchPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a server may take to answer a probe. A server that fails to answer three times in a row is ended, and so is its match.
    /// </summary>
    [Duration]
    public TimeSpan WatchTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than its length a match may run before it is ended.</summary>
    [Duration(orZero: true)]
    public TimeSpan OverrunGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest match that a client may ask for, and the longest that a match may stay open before a client asks. Game servers keep to
    /// it and tell clients the length that stands. At most a day, as the game protocol says.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestMatch { get; set; } = TimeSpan.FromSeconds(GameProtocol.MaxMatchSeconds);

    /// <summary>
    /// The longest a match may live, counted from its assignment: no game server allows more. It is shorter than the time for which the
    /// queue remembers a match.
    /// </summary>
    internal TimeSpan LongestLife => LongestMatch + TimeSpan.FromSeconds(GameProtocol.OpenMarginSeconds);
}
