namespace GameStack.Contracts.Lines;

/// <summary>
/// The game server's control port: how a fleet gives a standby server its session. Lines as on the game port.
/// <code>
/// AUTH &lt;token&gt;                     → OK, or DENIED and the connection is closed
/// ASSIGN &lt;session uuid&gt; &lt;players&gt;   → OK once the game port accepts connections (also when this very session was assigned before),
///                                     BUSY &lt;session uuid&gt; when another session has this server; players is a JSON array of ids
/// SESSION                          → SESSION &lt;session uuid&gt; &lt;players&gt;, or STANDBY
/// GET_STATE, GET_RUNNING_LENGTH    → as on the game port; but asking here is not being a client, which would keep an empty match open
/// STOP                             → OK; every client is told STATE stop and the process exits with 0
/// anything else                    → UNKNOWN
/// </code>
/// A server that is about to exit, or cannot listen on its game port, answers ASSIGN with UNKNOWN and closes the connection. AUTH has to come within 10 seconds.
/// Everything but <c>AUTH</c> is answered DENIED until the token was right. Exactly one session is ever accepted: that is the atomic claim.
/// </summary>
public static class ControlProtocol
{
    public const string Auth = "AUTH";
    public const string Assign = "ASSIGN";
    public const string Session = "SESSION";
    public const string Stop = "STOP";

    public const string Ok = "OK";
    public const string Denied = "DENIED";
    public const string Busy = "BUSY";
    public const string Standby = "STANDBY";
    public const string Unknown = "UNKNOWN";

    /// <summary>The longest control line after AUTH, in bytes: a hundred players of the longest id, each character escaped. Before AUTH a line is at most 1 KiB.</summary>
    public const int MaxLineBytes = 128 * 1024;
}
