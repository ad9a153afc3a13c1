using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Proxy.Gateway;

/// <summary>The section <c>Gateway</c>: the one TCP port that leads to all matches. Times are written as <c>hh:mm:ss</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>The port; 0 for any free port. The gateway listens only if <see cref="TicketsOptions.PublicKeyFile"/> is set.</summary>
    [Range(0, ushort.MaxValue)]
    public int Port { get; set; } = 7777;

    /// <summary>The certificate and its chain, in PEM format; without it, the port speaks plain TCP.</summary>
    [ExistingFile]
    public string? CertificateFile { get; set; }

    /// <summary>The certificate's private key, in PEM format, if it is not in <see cref="CertificateFile"/>.</summary>
    [ExistingFile]
    public string? CertificateKeyFile { get; set; }

    /// <summary>How long a player may take to send the first line.</summary>
    [Duration]
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long opening a connection to a game server may take.</summary>
    [Duration]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The most connections of players at a time, including those through WebSockets. Not more than a quarter of the limit of open
    /// files, and of the memory, allows. Connections whose tickets have not been accepted do not count: see <see cref="Entrance"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>
    /// The most connections of one address, or of one /64 network of IPv6, at a time, but not more than <c>Limits__AddressShare</c> of
    /// <see cref="MaxConnections"/>; 0 for no limit. Many players may share an address. A /48 network may have twice as many.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxConnectionsPerAddress { get; set; } = 500;

    /// <summary>
    /// How long a stopping proxy waits for the matches that are played through it, in seconds, after the drain of its requests. Then it
    /// cuts the connections that are left. 30, or 0 in Development, where Ctrl+C should be quick.
    /// </summary>
    [Range(0, 86_400)]
    public double DrainSeconds { get; set; } = 30;

    /// <summary>A connection's own descriptor, and that of the connection to its game server.</summary>
    internal const int DescriptorsPerConnection = 2;

    /// <summary>The memory that one connection takes: 11 KiB were measured for an idle one without TLS.</summary>
    internal const int BytesPerConnection = 16 * 1024;

    /// <summary>
    /// How many connections may wait for their tickets to be accepted while players have all of <see cref="MaxConnections"/>. Each takes
    /// one descriptor.
    /// </summary>
    internal int WaitingConnections => Math.Max(2, MaxConnections / 8);

    internal TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds);
}
