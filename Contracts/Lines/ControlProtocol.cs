namespace GameStack.Contracts.Lines;

/// <summary>
/// The game server's control port: how a fleet assigns a standby server its session. Lines have the same form as on the game port.
/// <code>
/// AUTH &lt;token&gt;                     → OK, or DENIED and the connection is closed
/// LONGEST_MATCH &lt;seconds&gt;             → OK; no session of this server may last longer than these whole seconds, at most
///                                     86,400; comes before ASSIGN, since a session keeps the limit that it began with
/// TICKETS &lt;terms&gt;                  → OK: an ASSIGN that follows on this connection also says who may play (see TicketTerms). UNKNOWN
///                                     from a server whose session was assigned without
/// ASSIGN &lt;session uuid&gt; &lt;players&gt;   → OK once the game port accepts connections (also if this session was assigned before),
///                                     BUSY &lt;session uuid&gt; when another session has this server; players is a JSON array of ids
/// SESSION                          → SESSION &lt;session uuid&gt; &lt;players&gt;, or STANDBY
/// GET_STATE, GET_RUNNING_LENGTH    → as on the game port, but the sender does not count as a client, which would keep an empty match open
/// STOP                             → OK; every client is told STATE stop and the process exits with 0
/// anything else                    → UNKNOWN
/// </code>
/// A server that is about to exit, or cannot listen on its game port, answers ASSIGN with UNKNOWN and closes the connection. AUTH has to
/// arrive within 10 seconds. Until a correct token arrives, every command except <c>AUTH</c> is answered with DENIED. A server accepts
/// exactly one session, ever: that is the atomic claim.
/// </summary>
public static class ControlProtocol
{
    public const string Auth = "AUTH";
    public const string LongestMatch = "LONGEST_MATCH";
    public const string Tickets = "TICKETS";
    public const string Assign = "ASSIGN";
    public const string Session = "SESSION";
    public const string Stop = "STOP";

    public const string Ok = "OK";
    public const string Denied = "DENIED";
    public const string Busy = "BUSY";
    public const string Standby = "STANDBY";
    public const string Unknown = "UNKNOWN";

    /// <summary>
    /// The longest control line after AUTH, in bytes: room for a hundred players with the longest ids, each character escaped.
    /// </summary>
    public const int MaxLineBytes = 128 * 1024;

    /// <summary>The longest line before AUTH, in bytes.</summary>
    public const int MaxAuthLineBytes = 1024;
}
