using System.Net.Sockets;
using GameStack.Contracts.Lines;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers;

/// <summary>A server's game port, at the address that its players connect to.</summary>
internal sealed class GamePortClient(string host, int port)
{
    /// <summary>Null when the server is open to its players; otherwise one sentence that says why not.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The server could not be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<string?> CheckOpenAsync(CancellationToken cancellationToken) =>
        await AskStateAsync(cancellationToken) switch
        {
            null => throw new IOException("It closed the connection."),

            // Running is fine too: an earlier call, perhaps by another backend, already assigned this match.
            GameProtocol.StatePrefix + GameProtocol.StateOpen or GameProtocol.StatePrefix + GameProtocol.StateRunning => null,

            // A server that requires tickets tells nothing else to those who have none.
            var answer when answer.StartsWith(GameProtocol.DeniedPrefix, StringComparison.Ordinal) => null,
            var answer => $"The game server is not open to its players: {answer}",
        };

    /// <summary>
    /// Whether the server answers in time. Connecting is not enough: the kernel accepts connections even for a server that hangs.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> AnswersAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
        await ProbeAsync(timeout, time, cancellationToken) == true;

    /// <summary>
    /// True if the server answers, false if nobody listens at its port, null if it does not answer for any other reason: then it may only
    /// be slow, or full.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool?> ProbeAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        try
        {
            return await AskStateAsync(limit.Token) is not null ? true : null;
        }
        catch (Exception e) when (LineConnection.MeansSilence(e, limit))
        {
            return e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? false : null;
        }
    }

    /// <summary>
    /// Whether a server whose control port does not answer lives all the same: a control port that cannot be asked, for whatever reason,
    /// must not end a match. Null when its game port does not answer either.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<GameServerHealth?> ReadHealthAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
        await AnswersAsync(timeout, time, cancellationToken) ? GameServerHealth.Unknown : null;

    private async Task<string?> AskStateAsync(CancellationToken cancellationToken)
    {
        using var connection = new LineConnection();
        await connection.AskAsync(host, port, GameProtocol.GetState + "\n", cancellationToken);
        return await connection.ReadAnswerAsync(cancellationToken);
    }
}
