using System.Globalization;
using System.Text.Json;
using GameStack.Contracts.Api;
using GameStack.Contracts.Lines;
using GameStack.Contracts.Tickets;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers;

/// <summary>A server's control port, where its fleet assigns the match and later asks about it.</summary>
internal sealed class ControlPortClient(string host, int port, string token)
{
    /// <summary>
    /// Assigns a server its match. Returns the server, with an admission if it takes tickets, or one sentence that says why it has not
    /// accepted the match.
    /// </summary>
    /// <param name="server">The server, and the match that it is to play.</param>
    /// <param name="players">The match's players.</param>
    /// <param name="longest">The longest that a client may ask for, rounded up to whole seconds.</param>
    /// <param name="tickets">How the players show who they are; null when they have no tickets.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The server could not be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<Result<RunningGameServer>> AssignAsync(
        RunningGameServer server, IReadOnlyList<string> players, TimeSpan longest, TicketTerms? tickets,
        CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Ceiling(longest.TotalSeconds);
        var json = JsonSerializer.Serialize(players, MatchApiJson.Default.IReadOnlyListString);
        var terms = tickets is null ? "" : $"{ControlProtocol.Tickets} {tickets.ToJson()}\n";
        using var connection = new LineConnection();
        await AskAsync(
            connection,
            $"{ControlProtocol.LongestMatch} {seconds}\n{terms}{ControlProtocol.Assign} {server.MatchId:D} {json}\n",
            cancellationToken);
        var answer = await connection.ReadAnswerAsync(cancellationToken);
        var takesTickets = false;
        if (answer == ControlProtocol.Ok)
        {
            // A server that is older than this limit answers UNKNOWN, and limits its match by the game protocol alone.
            _ = await connection.ReadAnswerAsync(cancellationToken);
        }

        if (answer == ControlProtocol.Ok && tickets is not null)
        {
            // A server that is older than tickets, or was assigned its match without any, does not take them.
            answer = await connection.ReadAnswerAsync(cancellationToken);
            takesTickets = answer == ControlProtocol.Ok;
            answer = answer == ControlProtocol.Unknown && !tickets.Required ? ControlProtocol.Ok : answer;
        }

        if (answer == ControlProtocol.Ok)
        {
            answer = await connection.ReadAnswerAsync(cancellationToken);
        }

        return answer switch
        {
            ControlProtocol.Ok => Result<RunningGameServer>.Of(server with
            {
                Admission = takesTickets ? server.Admission?.SignedWith(tickets!.Keys) : null,
            }),
            not null when answer.StartsWith(ControlProtocol.Busy, StringComparison.Ordinal) =>
                Result<RunningGameServer>.Failed($"The game server has another session: {answer}"),
            _ => Result<RunningGameServer>.Failed($"The game server did not accept its session: {answer ?? "it closed the connection"}"),
        };
    }

    /// <summary>
    /// What the server reports about its match; null when it does not answer in time, or when its answer does not follow the control
    /// protocol. A denial counts as an answer: the server is alive, but its key dates from before the key pair was changed.
    /// </summary>
    /// <remarks>On the game port, this would count as a client, and a client keeps an empty match open.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<GameServerHealth?> ReadHealthAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        using var connection = new LineConnection();
        try
        {
            await AskAsync(connection, $"{GameProtocol.GetState}\n{GameProtocol.GetRunningLength}\n", limit.Token);
            var authenticated = await connection.ReadAnswerAsync(limit.Token);
            if (authenticated == ControlProtocol.Denied)
            {
                return GameServerHealth.Unknown;
            }

            return authenticated == ControlProtocol.Ok
                && Rest(await connection.ReadAnswerAsync(limit.Token), GameProtocol.StatePrefix) is { } state
                && Rest(await connection.ReadAnswerAsync(limit.Token), GameProtocol.RunningLengthPrefix) is { } length
                && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    ? new GameServerHealth(state, TimeSpan.FromSeconds(seconds))
                    : null;
        }
        catch (Exception e) when (LineConnection.MeansSilence(e, limit))
        {
            return null;
        }
    }

    /// <summary>Which match the server has, if it answers in time.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ControlSession> ReadSessionAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        using var connection = new LineConnection();
        try
        {
            await AskAsync(connection, $"{ControlProtocol.Session}\n", limit.Token);
            var authenticated = await connection.ReadAnswerAsync(limit.Token);
            if (authenticated == ControlProtocol.Denied)
            {
                return new(ControlSessionKind.Denied);
            }

            // SESSION 0b6e2a8e-… ["p1","p2"], of which a long list of players is cut off
            var answer = authenticated == ControlProtocol.Ok ? await connection.ReadAnswerAsync(limit.Token) : null;
            return answer == ControlProtocol.Standby ? new(ControlSessionKind.Standby)
                : Guid.TryParse(Rest(answer, ControlProtocol.Session + " ")?.Split(' ')[0], out var matchId)
                    ? new(ControlSessionKind.Match, matchId)
                    : default;
        }
        catch (Exception e) when (LineConnection.MeansSilence(e, limit))
        {
            return default;
        }
    }

    private Task AskAsync(LineConnection connection, string lines, CancellationToken cancellationToken) =>
        connection.AskAsync(host, port, $"{ControlProtocol.Auth} {token}\n{lines}", cancellationToken);

    private static string? Rest(string? line, string prefix) =>
        line?.StartsWith(prefix, StringComparison.Ordinal) == true ? line[prefix.Length..] : null;
}
