using System.Net;
using System.Net.Sockets;
using GameStack.Contracts;
using GameStack.GameServer.Control;
using GameStack.GameServer.Matches;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Settings;

/// <summary>The environment variables of <see cref="GameServerSettings"/>, read and checked.</summary>
internal sealed record ServerSettings
{
    private const int DefaultPort = 8080;
    private const int DefaultConnectTimeoutSeconds = 60;
    private const int DefaultOpenTimeoutSeconds = 24 * 3600;

    private ServerSettings()
    {
    }

    /// <summary>The session to open at once; null to stand by.</summary>
    public Session? Session { get; private init; }

    public required IPEndPoint GameEndPoint { get; init; }

    public IPEndPoint? ControlEndPoint { get; private init; }

    public required IControlCredential ControlCredential { get; init; }

    public required MatchLimits Limits { get; init; }

    public bool StopWithParent { get; private init; }

    private static IPAddress AnyAddress => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>Returns the settings, or one sentence about the first wrong one. An empty variable counts as not set.</summary>
    public static (ServerSettings? Settings, string? Error) Read(Func<string, string?> variable)
    {
        var reader = new VariableReader(variable);
        var address = reader.Address(GameServerSettings.ListenAddress) ?? AnyAddress;
        var controlAddress = reader.Address(GameServerSettings.ControlListenAddress) ?? address;
        var port = reader.Port(GameServerSettings.Port) ?? DefaultPort;
        var controlPort = reader.Port(GameServerSettings.ControlPort);
        var sessionId = reader.Uuid(GameServerSettings.SessionId);
        var players = reader.Roster(GameServerSettings.Players);
        var tickets = reader.Tickets(GameServerSettings.Tickets);
        var settings = new ServerSettings
        {
            Session = sessionId is { } id ? new Session(id, players) { Tickets = tickets } : null,
            GameEndPoint = new IPEndPoint(address, port),
            ControlEndPoint = controlPort is { } number ? new IPEndPoint(controlAddress, number) : null,
            ControlCredential = reader.Signature(GameServerSettings.ControlPublicKey, GameServerSettings.ControlSubject)
                ?? reader.Token(GameServerSettings.ControlToken),
            Limits = new MatchLimits(
                reader.Seconds(GameServerSettings.ConnectTimeoutSeconds) ?? TimeSpan.FromSeconds(DefaultConnectTimeoutSeconds),
                reader.Seconds(GameServerSettings.OpenTimeoutSeconds) ?? TimeSpan.FromSeconds(DefaultOpenTimeoutSeconds)),
            StopWithParent = reader.Switch(GameServerSettings.StopWithParent),
        };

        if (reader.Error is null && settings is { Session: null, ControlEndPoint: null })
        {
            return (null, $"Set {GameServerSettings.SessionId} or {GameServerSettings.ControlPort}: with neither, no match can be played.");
        }

        return reader.Error is null ? (settings, null) : (null, reader.Error);
    }
}
