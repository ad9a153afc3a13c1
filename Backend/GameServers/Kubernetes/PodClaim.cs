namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>What a claim has written on a pod, as far as this backend has seen it before somebody removed it.</summary>
/// <param name="MatchId">The match.</param>
/// <param name="Backend"><see cref="GameServerPod.Backend"/>.</param>
/// <param name="ClaimedAfter"><see cref="GameServerPod.ClaimedAfter"/>.</param>
/// <param name="TicketKeys"><see cref="GameServerPod.TicketKeys"/>.</param>
internal sealed record PodClaim(Guid MatchId, string? Backend, int? ClaimedAfter, string? TicketKeys)
{
    /// <summary>The claim of a pod that was known before; null when it is on standby.</summary>
    public static PodClaim? Of(GameServerPod pod, PodClaim? before)
    {
        if (pod.MatchId is not { } matchId)
        {
            return pod.IsStandby ? null : before;
        }

        var known = before?.MatchId == matchId ? before : null;
        return new(
            matchId, pod.Backend ?? known?.Backend, pod.ClaimedAfter ?? known?.ClaimedAfter, pod.TicketKeys ?? known?.TicketKeys);
    }
}
