using System.Net.ServerSentEvents;
using GameStack.Contracts.Api;

namespace GameStack.Backend.Api;

/// <summary>
/// The events of a player's stream. A browser opens an ended stream again, with the id of the last event that it got, until it is answered
/// 204; so an event's id says what the client was told.
/// </summary>
internal static class StatusEvents
{
    private const string EndedPrefix = MatchStatus.Ended + ":";

    public static SseItem<StatusResponse> Of(StatusResponse status) => new(status, "status") { EventId = IdOf(status) };

    /// <summary>Whether the client has had the last event of its stream, and the player has not joined since.</summary>
    public static bool HaveEnded(StatusResponse status, string? lastEventId) => status.Status switch
    {
        MatchStatus.Ended => lastEventId == IdOf(status),
        MatchStatus.Left => lastEventId == MatchStatus.Left || lastEventId?.StartsWith(EndedPrefix, StringComparison.Ordinal) == true,
        _ => false,
    };

    // pending, matched:<match id>, ended:<match id> or left
    private static string IdOf(StatusResponse status) =>
        status.SessionId is null ? status.Status : $"{status.Status}:{status.SessionId}";
}
