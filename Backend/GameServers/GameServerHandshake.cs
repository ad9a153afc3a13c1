using System.Net.Sockets;
using System.Text;
using System.Text.Json;

using GameStack.Contracts.Control;
using GameStack.Contracts.Game;
using GameStack.Contracts.MatchApi;

namespace GameStack.Backend.GameServers;

/// <summary>Tells a server on standby its session, then sees it answer on the very address its players are given.</summary>
internal static class GameServerHandshake
{
    /// <summary>Nothing tells when a network has learned a new address, so it is tried.</summary>
    private static readonly TimeSpan ConnectAgainDelay = TimeSpan.FromMilliseconds(25);

    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; a time-out is a result.</exception>
    public static async Task<HandshakeResult> RunAsync(
        HandshakeTarget target, Guid matchId, IReadOnlyList<string> players, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var (step, limit) = ("its control port", timeout);
        try
        {
            var assigned = await AssignAsync(target, matchId, players, time, either.Token);
            if (assigned.Outcome != HandshakeOutcome.Ready)
            {
                return assigned;
            }

            step = $"{target.PlayerHost}:{target.PlayerPort}";
            limit = target.RouteTimeout ?? timeout;
            deadline.CancelAfter(limit);
            return await SeeAnswerAsync(target, time, either.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return HandshakeResult.Failed($"The game server could not be reached on {step}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HandshakeResult.Failed($"The game server did not answer on {step} within {limit.TotalSeconds:0.###} s.");
        }
    }

    private static async Task<HandshakeResult> AssignAsync(
        HandshakeTarget target, Guid matchId, IReadOnlyList<string> players, TimeProvider time, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(players, MatchApiJson.Default.IReadOnlyListString);
        using var client = await ConnectAsync(target.ControlHost, target.ControlPort, target.RouteTimeout is not null, time, cancellationToken);
        var lines = await AskAsync(
            client, $"{ControlProtocol.Auth} {target.ControlToken}\n{ControlProtocol.Assign} {matchId:D} {json}\n", cancellationToken);

        var answer = await lines.ReadLineAsync(cancellationToken);
        if (answer == ControlProtocol.Ok)
        {
            answer = await lines.ReadLineAsync(cancellationToken);
            if (answer == ControlProtocol.Ok)
            {
                return HandshakeResult.Ready;
            }
        }

        return answer?.StartsWith(ControlProtocol.Busy, StringComparison.Ordinal) == true
            ? HandshakeResult.Busy($"The game server has another session: {answer}")
            : HandshakeResult.Failed($"The game server did not accept its session: {answer ?? "it closed the connection"}");
    }

    private static async Task<HandshakeResult> SeeAnswerAsync(HandshakeTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(target.PlayerHost, target.PlayerPort, target.RouteTimeout is not null, time, cancellationToken);
        var lines = await AskAsync(client, GameProtocol.GetState + "\n", cancellationToken);

        var answer = await lines.ReadLineAsync(cancellationToken);
        // Running: another backend took this match further before, and is asking again.
        return answer is GameProtocol.StatePrefix + GameProtocol.StateOpen or GameProtocol.StatePrefix + GameProtocol.StateRunning
            ? HandshakeResult.Ready
            : HandshakeResult.Failed($"The game server is not open to its players: {answer ?? "it closed the connection"}");
    }

    private static async Task<TcpClient> ConnectAsync(string host, int port, bool tryAgain, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(host, port, cancellationToken);
                return client;
            }
            catch (SocketException) when (tryAgain)
            {
                client.Dispose();
            }
            catch
            {
                client.Dispose();
                throw;
            }

            await Task.Delay(ConnectAgainDelay, time, cancellationToken);
        }
    }

    internal static async Task<LineReader> AskAsync(TcpClient client, string lines, CancellationToken cancellationToken)
    {
        client.NoDelay = true;
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(lines), cancellationToken);
        return new LineReader(stream, GameProtocol.MaxLineBytes);
    }
}
