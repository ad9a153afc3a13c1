using GameStack.Contracts.Lines;

namespace GameStack.Backend.GameServers;

/// <summary>What the probes of one server with a match have come to, and whether its match has to end for it. Not thread-safe.</summary>
internal sealed class ServerRecord(GameServersOptions options, TimeProvider time)
{
    /// <summary>Silences in a row that make a server dead: one may be the machine's.</summary>
    private const int MostSilences = 3;

    private readonly long _assignedAt = time.GetTimestamp();
    private int _silences;
    private long? _runningSince;

    /// <summary>Takes note of an answer, or of none. Answers why the match has to end, in one sentence; null when it may go on.</summary>
    public string? Judge(GameServerHealth? health)
    {
        _silences = health is null ? _silences + 1 : 0;
        if (_silences >= MostSilences)
        {
            return $"It did not answer {MostSilences} times in a row.";
        }

        if (time.GetElapsedTime(_assignedAt) > options.LongestMatch)
        {
            return $"Its match has lasted longer than {options.LongestMatch}.";
        }

        if (health is { State: GameProtocol.StateRunning })
        {
            // It may have been running before it was first seen to, so this is never too early.
            _runningSince ??= time.GetTimestamp();
            var limit = health.Value.RunningLength + options.OverrunGrace;
            if (time.GetElapsedTime(_runningSince.Value) > limit)
            {
                return $"It runs on {options.OverrunGrace.TotalSeconds:0.###} s after its length of {health.Value.RunningLength.TotalSeconds:0} s.";
            }
        }

        return null;
    }
}
