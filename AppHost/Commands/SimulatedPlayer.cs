using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameStack.Contracts.Api;
using GameStack.Contracts.Lines;
using GameStack.Contracts.Tickets;
using Microsoft.Extensions.Logging;

namespace GameStack.AppHost.Commands;

/// <summary>An opponent for a person who plays by hand; that person decides when the match begins and how long it lasts.</summary>
internal sealed partial class SimulatedPlayer(HttpClient api, ILogger logger)
{
    /// <summary>How long a simulated player stays, in case nobody begins the match.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>The time limit for leaving the queue while the run shuts down.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(2);

    private static readonly string NoTicket = GameProtocol.DeniedPrefix + TicketRefusal.NoTicket.ToWord();

    private readonly string _id = $"simulated-{Guid.NewGuid():N}"[..18];

    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        using var joined = await PostAsync("match/join", cancellationToken);
        joined.EnsureSuccessStatusCode();
    }

    /// <summary>Waits for the match, connects to its game server, and stays until the server closes the connection.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            if (await FollowAsync(limit.Token) is { ConnectHost: { } host, ConnectPort: { } port } match)
            {
                using var connection = new TcpClient();
                await connection.ConnectAsync(host, port, limit.Token);
                Log.Playing(logger, _id, match.SessionId, host, port);
                await StayAsync(connection.GetStream(), match.Ticket, limit.Token);
            }
        }
        catch (Exception e)
            when (e is HttpRequestException or JsonException or SocketException or IOException or OperationCanceledException)
        {
            Log.GaveUp(logger, _id, e.Message);
            await LeaveAsync();
        }
    }

    /// <summary>
    /// Shows the ticket only to a server that demands one: where a member has joined, a person who plays by hand without a ticket could not
    /// begin the match.
    /// </summary>
    private static async Task StayAsync(NetworkStream server, string? ticket, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(server, Encoding.ASCII);
        await SayAsync(GameProtocol.GetState);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (ticket is not null && line == NoTicket)
            {
                await SayAsync($"{GameProtocol.Join} {ticket}");
            }
        }

        async Task SayAsync(string line) => await server.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);
    }

    /// <summary>
    /// Leaves the queue, which outlives this process, so that nobody is matched with a simulated player that has stopped.
    /// </summary>
    private async Task LeaveAsync()
    {
        using var limit = new CancellationTokenSource(LeaveLimit);
        try
        {
            using var left = await PostAsync("match/leave", limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
        {
            Log.GaveUp(logger, _id, e.Message);
        }
    }

    private Task<HttpResponseMessage> PostAsync(string call, CancellationToken cancellationToken) => api.PostAsJsonAsync(
        new Uri(call, UriKind.Relative), new JoinRequest { PlayerId = _id }, MatchApiJson.Default.JoinRequest, cancellationToken);

    private async Task<StatusResponse?> FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var status = await api.GetFromJsonAsync(
                $"match/status?player_id={_id}&wait=30", MatchApiJson.Default.StatusResponse, cancellationToken);
            if (status is not { Status: MatchStatus.Pending })
            {
                return status;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PlayerPlaying, LogLevel.Information, "{Player} plays match {MatchId} at {Host}:{Port}.")]
        public static partial void Playing(ILogger logger, string player, string? matchId, string host, int port);

        [LoggerMessage(EventIds.PlayerStopped, LogLevel.Information, "{Player} has stopped: {Reason}")]
        public static partial void GaveUp(ILogger logger, string player, string reason);
    }
}
