using System.Collections.Concurrent;
using GameStack.Backend.GameServers;

namespace GameStack.Backend.Queue.Failover;

/// <summary>Asks game servers whether they still answer, while Redis cannot say whether their matches go on.</summary>
internal sealed class LiveServers(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Players poll often; a server is asked no more often than this.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, (long AskedAt, Task<bool> Answer)> _answers = [];

    public Task<bool> AnswersAsync(PlayerState matched, CancellationToken cancellationToken)
    {
        var server = new GamePortClient(matched.Host, matched.Port);
        var entry = _answers.AddOrUpdate(
            matched.MatchId,
            _ => (time.GetTimestamp(), AskAsync(server)),
            (_, known) => time.GetElapsedTime(known.AskedAt) < Freshness ? known : (time.GetTimestamp(), AskAsync(server)));
        return entry.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Forgets the answers: Redis can be asked again.</summary>
    public void Clear() => _answers.Clear();

    // Other callers wait for the same answer, so the first caller does not cancel it.
    private Task<bool> AskAsync(GamePortClient server) => server.AnswersAsync(Timeout, time, CancellationToken.None);
}
