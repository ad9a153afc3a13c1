using GameStack.Contracts.Lines;

namespace GameStack.Backend.GameServers;

/// <summary>
/// What the probes of one server with a match have found, and whether its match has to end because of that. Not thread-safe.
/// </summary>
internal sealed class ServerRecord(GameServersOptions options, TimeProvider time)
{
    /// <summary>How many unanswered probes in a row make a server count as dead. A single one may be the machine's fault.</summary>
    private const int MostSilences = 3;

    private readonly long _assignedAt = time.GetTimestamp();
    private int _silences;
    private long? _runningSince;

    /// <summary>
    /// Records an answer, or the lack of one. Returns why the match has to end, in one sentence; null when it may go on.
    /// </summary>
    /// <param name="health">The answer; null if there was none.</param>
    /// <param name="isSilenceOwn">False while this backend is cut off: silence then says nothing about the server.</param>
    public string? Judge(GameServerHealth? health, bool isSilenceOwn = true)
    {
        if (health is not null)
        {
            _silences = 0;
        }
        else if (isSilenceOwn)
        {
            _silences++;
        }

        if (_silences >= MostSilences)
        {
            return $"It did not answer {MostSilences} times in a row.";
        }

        if (time.GetElapsedTime(_assignedAt) > options.LongestLife + options.OverrunGrace)
        {
            return $"Its match has lived longer than {options.LongestLife}.";
        }

        if (health is { State: GameProtocol.StateRunning })
        {
            // The match may have been running before this probe saw it, so the limit is never too early.
            _runningSince ??= time.GetTimestamp();
            var limit = health.Value.RunningLength + options.OverrunGrace;
            if (time.GetElapsedTime(_runningSince.Value) > limit)
            {
                var (grace, length) = (options.OverrunGrace.TotalSeconds, health.Value.RunningLength.TotalSeconds);
                return $"It runs on {grace:0.###} s after its length of {length:0} s.";
            }
        }

        return null;
    }
}
