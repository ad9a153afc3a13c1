using System.Globalization;
using GameStack.Contracts;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>The ports of a server on standby.</summary>
internal sealed record GameServerPorts(int Game, int Control)
{
    /// <summary>Reads <c>READY 41234 41235</c>; null when the line is anything else.</summary>
    public static GameServerPorts? Parse(string line)
    {
        if (!line.StartsWith(GameServerSettings.ReadyPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var words = line[GameServerSettings.ReadyPrefix.Length..].Split(' ');
        return words is [var game, var control] && Port(game) is { } gamePort && Port(control) is { } controlPort
            ? new GameServerPorts(gamePort, controlPort)
            : null;
    }

    private static int? Port(string word) =>
        ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0 ? port : null;
}
