using GameStack.Contracts.Tickets;

namespace GameStack.Contracts;

/// <summary>The names of the game server's environment variables, and the line it prints when it is ready.</summary>
public static class GameServerSettings
{
    /// <summary>
    /// The match's uuid; the game port opens at once. When not set, the server stands by until a session is assigned on the control port.
    /// </summary>
    public const string SessionId = "SESSION_ID";

    /// <summary>A JSON array of player ids; <c>[]</c> when not set.</summary>
    public const string Players = "PLAYERS";

    /// <summary>
    /// With <see cref="SessionId"/>: how its players show who they are, as <see cref="TicketTerms.TryParse"/> reads it. When not set,
    /// nobody needs or can use a ticket.
    /// </summary>
    public const string Tickets = "TICKETS";

    /// <summary>The game port; 8080 when not set, 0 for any free port.</summary>
    public const string Port = "PORT";

    /// <summary>The control port; no control port when not set, 0 for any free port.</summary>
    public const string ControlPort = "CONTROL_PORT";

    /// <summary>The token that <c>AUTH</c> must carry. With neither a token nor a public key, every <c>AUTH</c> is denied.</summary>
    public const string ControlToken = "CONTROL_TOKEN";

    /// <summary>
    /// Instead of a token: the key that verifies tokens signed for <see cref="ControlSubject"/>. It is a P-256 public key, as the base64 of
    /// its SubjectPublicKeyInfo. See <see cref="Lines.ControlSignatures"/>.
    /// </summary>
    public const string ControlPublicKey = "CONTROL_PUBLIC_KEY";

    /// <summary>The name that tokens for this server are signed for: on Kubernetes, the pod's uid.</summary>
    public const string ControlSubject = "CONTROL_SUBJECT";

    /// <summary>The address to listen on; every address when not set.</summary>
    public const string ListenAddress = "LISTEN_ADDRESS";

    /// <summary>The control port's own address to listen on; <see cref="ListenAddress"/> when not set.</summary>
    public const string ControlListenAddress = "CONTROL_LISTEN_ADDRESS";

    /// <summary>Set to 1 by a parent that holds the process's standard input open: the server stops when the input ends.</summary>
    public const string StopWithParent = "STOP_WITH_PARENT";

    /// <summary>How long an open match may be without a client before the server exits; 60 when not set, decimals allowed.</summary>
    public const string ConnectTimeoutSeconds = "CONNECT_TIMEOUT_SECONDS";

    /// <summary>
    /// How long a match may be open without being requested, even with clients connected; 86,400 when not set, decimals allowed.
    /// </summary>
    public const string OpenTimeoutSeconds = "OPEN_TIMEOUT_SECONDS";

    /// <summary>
    /// The first line on standard output, once both ports are bound: <c>READY 41234 41235</c> (game port, control port or 0).
    /// While the server is on standby, the game port is bound but refuses connections. After this line comes one line, for people to read,
    /// for each change of state: <c>open: session …, 12 players</c>, <c>running: 30 s</c>, <c>stop: the last client left</c>.
    /// </summary>
    public const string ReadyPrefix = "READY ";
}
