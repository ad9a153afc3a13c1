using System.Collections.Concurrent;
using GameStack.Backend.GameServers;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// The matches that this backend remembers, for while Redis cannot be asked. What was published meanwhile may be missed, so this type asks
/// a match's server before it tells the address.
/// </summary>
internal sealed class RememberedMatches(QueueLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Players poll often; a server is asked no more often than this.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Inquiry> _answers = [];

    /// <summary>
    /// The player's match: ended if it has ended here, or nobody listens at its server's port, or the server did not answer twice in a row;
    /// else matched. Null when none is remembered.
    /// </summary>
    public async Task<PlayerState?> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        if (ledger.FindMatched(playerId) is not { } matched)
        {
            return ledger.FindUntoldEnd(playerId);
        }

        var inquiry = _answers.AddOrUpdate(
            matched.MatchId,
            _ => new Inquiry(time.GetTimestamp(), AskAsync(matched), WasSilent: false),
            (_, last) => time.GetElapsedTime(last.AskedAt) < Freshness
                ? last
                : new Inquiry(time.GetTimestamp(), AskAsync(matched), WasSilent: last.HasNoAnswer));
        return await inquiry.Answer.WaitAsync(cancellationToken) ?? !inquiry.WasSilent ? matched : PlayerState.Ended(matched.MatchId);
    }

    /// <summary>Whether the match has ended here, or its server has not answered twice in a row.</summary>
    public bool IsOver(Guid matchId) =>
        ledger.IsUntoldEnd(matchId)
        || _answers.TryGetValue(matchId, out var inquiry) && inquiry is { WasSilent: true, HasNoAnswer: true };

    /// <summary>Forgets what the servers answered: Redis can be asked again.</summary>
    public void ForgetAnswers() => _answers.Clear();

    /// <summary>
    /// Asks the server itself, at the address that tickets name, if there is one: its players' address may be the gateway's, which answers
    /// whatever became of the server. Other callers wait for the same answer, so the first caller does not cancel it.
    /// </summary>
    private Task<bool?> AskAsync(PlayerState matched)
    {
        var (host, port) = matched.Admission?.HostAndPort ?? (matched.Host, matched.Port);
        return new GamePortClient(host, port).ProbeAsync(Timeout, time, CancellationToken.None);
    }

    /// <param name="AskedAt">When, as a timestamp of the clock.</param>
    /// <param name="Answer">What <see cref="GamePortClient.ProbeAsync"/> found.</param>
    /// <param name="WasSilent">Whether it did not answer the time before.</param>
    private sealed record Inquiry(long AskedAt, Task<bool?> Answer, bool WasSilent)
    {
        public bool HasNoAnswer => Answer is { IsCompletedSuccessfully: true, Result: not true };
    }
}
