using GameStack.Backend.Queue;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Api;

namespace GameStack.Backend.Api;

internal static class PlayerStateExtensions
{
    public static JoinResponse ToJoinResponse(this PlayerState state, string playerId, TicketSigner tickets) =>
        state.Phase != PlayerPhase.Matched ? JoinResponse.Pending(playerId) : new JoinResponse
        {
            SessionId = state.MatchId.ToString(),
            Players = state.Players,
            ConnectHost = state.Host,
            ConnectPort = state.Port,
            Ticket = tickets.Issue(state, playerId),
        };

    public static StatusResponse ToResponse(this PlayerState state, string playerId, TicketSigner tickets) => state.Phase switch
    {
        PlayerPhase.Matched => new StatusResponse
        {
            Status = MatchStatus.Matched,
            SessionId = state.MatchId.ToString(),
            ConnectHost = state.Host,
            ConnectPort = state.Port,
            Ticket = tickets.Issue(state, playerId),
        },
        PlayerPhase.Ended => new StatusResponse { Status = MatchStatus.Ended, SessionId = state.MatchId.ToString() },
        PlayerPhase.Pending => new StatusResponse { Status = MatchStatus.Pending },
        _ => new StatusResponse { Status = MatchStatus.Left },
    };
}
