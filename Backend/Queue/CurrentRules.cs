using Microsoft.Extensions.Options;

namespace GameStack.Backend.Queue;

/// <summary>
/// The rules that hold in this backend's queue: its own settings, or those of a backend that has lived longer. So the backends of one queue
/// never mix their rules, and a change of settings takes effect when the last older backend has gone.
/// </summary>
internal sealed partial class CurrentRules(IOptions<MatchmakingOptions> options, ILogger<CurrentRules> logger)
{
    private volatile QueueRules _rules = QueueRules.Of(options.Value);

    /// <summary>This backend's settings.</summary>
    public QueueRules Own { get; } = QueueRules.Of(options.Value);

    public QueueRules Value => _rules;

    /// <summary>Takes the rules that the queue reports.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="owner">The backend whose settings they are.</param>
    public void Set(QueueRules rules, string owner)
    {
        if (rules == _rules)
        {
            return;
        }

        _rules = rules;
        if (rules == Own)
        {
            Log.OwnHold(logger, rules);
        }
        else
        {
            Log.OthersHold(logger, owner, rules, Own);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OthersHold, LogLevel.Warning,
            "The rules of backend {Backend} apply to this queue ({Rules}). "
            + "This backend's own rules ({OwnRules}) take effect when the older backends have stopped")]
        public static partial void OthersHold(ILogger logger, string backend, QueueRules rules, QueueRules ownRules);

        [LoggerMessage(EventIds.OwnHold, LogLevel.Information, "This backend's own rules now apply to the queue ({Rules})")]
        public static partial void OwnHold(ILogger logger, QueueRules rules);
    }
}
