using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameStack.Contracts.Api;
using GameStack.Contracts.Lines;

namespace GameStack.Backend.GameServers;

/// <summary>Assigns a server on standby its session, then checks that it answers on the exact address that its players are given.</summary>
internal static class GameServerHandshake
{
    private static readonly TimeSpan FirstTryTimeout = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LongestTryTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TryAgainDelay = TimeSpan.FromMilliseconds(25);

    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; a time-out is a result.</exception>
    public static async Task<HandshakeResult> RunAsync(
        HandshakeTarget target, Guid matchId, IReadOnlyList<string> players, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var (step, limit) = ("its control port", timeout);
        try
        {
            var assigned = await TryAsync(target, time, token => AssignAsync(target, matchId, players, token), either.Token);
            if (assigned.Outcome != HandshakeOutcome.Ready)
            {
                return assigned;
            }

            step = $"{target.PlayerHost}:{target.PlayerPort}";
            limit = target.RouteTimeout ?? timeout;
            deadline.CancelAfter(limit);
            return await TryAsync(target, time, token => SeeAnswerAsync(target, token), either.Token);
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
        HandshakeTarget target, Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(players, MatchApiJson.Default.IReadOnlyListString);
        using var client = new TcpClient();
        await client.ConnectAsync(target.ControlHost, target.ControlPort, cancellationToken);
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

    private static async Task<HandshakeResult> SeeAnswerAsync(HandshakeTarget target, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(target.PlayerHost, target.PlayerPort, cancellationToken);
        var lines = await AskAsync(client, GameProtocol.GetState + "\n", cancellationToken);

        var answer = await lines.ReadLineAsync(cancellationToken) ?? throw new IOException("It closed the connection.");

        // Running is fine too: an earlier call, perhaps by another backend, already assigned this match.
        return answer is GameProtocol.StatePrefix + GameProtocol.StateOpen or GameProtocol.StatePrefix + GameProtocol.StateRunning
            ? HandshakeResult.Ready
            : HandshakeResult.Failed($"The game server is not open to its players: {answer}");
    }

    /// <summary>
    /// While a network is still setting up its routes, it refuses or cuts connections, or something that never answers accepts them
    /// (kube-proxy holds a NodePort with its own listener before the port leads anywhere). So the first tries are short, and more follow.
    /// </summary>
    private static async Task<HandshakeResult> TryAsync(
        HandshakeTarget target, TimeProvider time, Func<CancellationToken, Task<HandshakeResult>> step, CancellationToken cancellationToken)
    {
        if (target.RouteTimeout is null)
        {
            return await step(cancellationToken);
        }

        for (var patience = FirstTryTimeout; ; patience = patience < LongestTryTimeout ? patience * 2 : patience)
        {
            using var limit = new CancellationTokenSource(patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                return await step(either.Token);
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TryAgainDelay, time, cancellationToken);
            }
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
