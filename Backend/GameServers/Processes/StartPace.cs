namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Decides when the pool starts its next server. While matches wait, or less than half of the pool is on standby: at once, and as many at a
/// time as the pool can start. Otherwise: one at a time, and not right after a match took one, which needs the processor now.
/// </summary>
internal static class StartPace
{
    /// <summary>Within this, a match that finds a server on standby has told its players, unless the machine is busy.</summary>
    private static readonly TimeSpan Precedence = TimeSpan.FromMilliseconds(10);

    /// <summary>So few are missing only while matches come one by one.</summary>
    private const int FewMissing = 2;

    /// <summary>Zero means now. Otherwise, the time after which to ask again, unless something changes before.</summary>
    public static TimeSpan UntilNext(StandbySize size, StandbyLine standby, ServerCount servers, StartBackoff backoff)
    {
        var missing = size.Value + standby.CallerCount - standby.ServerCount - servers.Starting;
        var isUrgent = standby.CallerCount > 0 || standby.ServerCount * 2 < size.Value;
        if (missing <= 0 || servers.WhyFull is not null || (servers.Starting > 0 && !isUrgent))
        {
            return size.UntilSmaller;
        }

        var rest = isUrgent || missing > FewMissing ? TimeSpan.Zero : Precedence - size.SinceLast;
        return rest > backoff.Remaining ? rest : backoff.Remaining;
    }
}
