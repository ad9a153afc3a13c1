namespace GameStack.Contracts.Lines;

/// <summary>
/// The words of the game server's TCP lines. A line ends with <c>\n</c> (a <c>\r</c> before it is tolerated). Commands
/// are ASCII and case-insensitive.
/// </summary>
public static class GameProtocol
{
    public const string GetState = "GET_STATE";
    public const string RequestMatch = "REQUEST_MATCH";
    public const string GetRunningLength = "GET_RUNNING_LENGTH";

    /// <summary>
    /// <c>JOIN &lt;ticket&gt;</c>: takes the player's seat. Answered with <c>JOINED &lt;seat&gt; &lt;player id&gt;</c>, or with
    /// <c>DENIED &lt;reason&gt;</c> (<see cref="Tickets.TicketRefusals"/>).
    /// </summary>
    public const string Join = "JOIN";

    /// <summary>
    /// From a player with a seat: answered with <c>ROSTER &lt;seats&gt;</c> and as many lines
    /// <c>SEAT &lt;seat&gt; &lt;connected or absent&gt; &lt;player id&gt;</c>.
    /// </summary>
    public const string GetRoster = "GET_ROSTER";

    /// <summary>From a player with a seat, who will not come back: answered with <c>LEFT</c>, and the connection is closed.</summary>
    public const string Leave = "LEAVE";

    public const string JoinedPrefix = "JOINED ";
    public const string DeniedPrefix = "DENIED ";

    /// <summary>Sent to a connection whose seat another connection of the same player has taken; the connection is then closed.</summary>
    public const string Moved = "MOVED";

    public const string StatePrefix = "STATE ";
    public const string RunningLengthPrefix = "RUNNING_LENGTH ";
    public const string Unknown = "UNKNOWN";

    public const string StateOpen = "open";
    public const string StateRunning = "running";
    public const string StateStop = "stop";

    /// <summary>The longest match that may be requested, in seconds.</summary>
    public const int MaxMatchSeconds = 86_400;

    /// <summary>
    /// Where a fleet limits the length of matches: how much longer than that, in seconds, a match may live from its opening to its end. A
    /// match that is requested within this time may have the full length; one that is requested later gets what is left.
    /// </summary>
    public const int OpenMarginSeconds = 1_800;

    /// <summary>
    /// The longest line a client may send, in bytes, including its end. A longer line is answered with
    /// <see cref="Unknown"/>, and the connection is closed.
    /// </summary>
    public const int MaxLineBytes = 4096;
}
