using System.Globalization;
using System.Net.Sockets;
using GameStack.Contracts.Lines;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers;

/// <summary>
/// Asks a server with a match for its state. It asks on the control port: on the game port it would count as a client, and a
/// client keeps an empty match open.
/// </summary>
internal static class GameServerProbe
{
    /// <summary>
    /// Null when the server does not answer in time, or when its answer does not follow the control protocol. A denial counts as an answer:
    /// the server is alive, but its key dates from before the key pair was changed.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<GameServerHealth?> AskAsync(HandshakeTarget target, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(target.ControlHost, target.ControlPort, either.Token);
            var lines = await GameServerHandshake.AskAsync(
                client, $"{ControlProtocol.Auth} {target.ControlToken}\n{GameProtocol.GetState}\n{GameProtocol.GetRunningLength}\n", either.Token);
            var authenticated = await lines.ReadLineAsync(either.Token);
            if (authenticated == ControlProtocol.Denied)
            {
                return GameServerHealth.Untold;
            }

            return authenticated == ControlProtocol.Ok
                && Rest(await lines.ReadLineAsync(either.Token), GameProtocol.StatePrefix) is { } state
                && Rest(await lines.ReadLineAsync(either.Token), GameProtocol.RunningLengthPrefix) is { } length
                && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    ? new GameServerHealth(state, TimeSpan.FromSeconds(seconds))
                    : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Asks on the address of the players, for a server whose control port only another backend knows.</summary>
    public static async Task<bool> AnswersAsync(RunningGameServer server, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        using var client = new TcpClient();
        try
        {
            // Connecting is not enough: the kernel accepts connections even for a server that hangs.
            await client.ConnectAsync(server.Host, server.Port, limit.Token);
            var lines = await GameServerHandshake.AskAsync(client, GameProtocol.GetState + "\n", limit.Token);
            return await lines.ReadLineAsync(limit.Token) is not null;
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && limit.HasExpired))
        {
            return false;
        }
    }

    private static string? Rest(string? line, string prefix) =>
        line?.StartsWith(prefix, StringComparison.Ordinal) == true ? line[prefix.Length..] : null;
}
