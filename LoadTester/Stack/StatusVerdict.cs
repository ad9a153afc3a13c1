using GameStack.Contracts.Api;
using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Stack;

/// <summary>Decides what an answer about its status means for a waiting player.</summary>
internal static class StatusVerdict
{
    /// <summary>Returns null if the player has to keep waiting.</summary>
    public static PhaseResult<MatchAddress>? Of(ApiAnswer<StatusResponse> answer) =>
        answer switch
        {
            { MayPass: true } => null,
            { Fault: { } fault } => PhaseResult<MatchAddress>.Failed(fault),
            { Value.Status: MatchStatus.Pending } => null,
            { Value: { Status: MatchStatus.Matched } matched } => MatchAddress.From(matched),
            { Value.Status: MatchStatus.Ended } => PhaseResult<MatchAddress>.Failed("ended before the player learned about it"),
            { Value.Status: MatchStatus.Left } => PhaseResult<MatchAddress>.Failed("removed from the queue"),
            _ => PhaseResult<MatchAddress>.Failed("unknown status"),
        };
}
