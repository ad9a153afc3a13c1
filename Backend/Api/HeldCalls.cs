using Microsoft.Extensions.Options;

namespace GameStack.Backend.Api;

/// <summary>
/// The calls that wait for a player. When one more comes than a player may have, the oldest ends: its client has most likely gone without
/// closing it, and the newest client is the one that the player looks at. Thread-safe.
/// </summary>
internal sealed class HeldCalls(IOptions<HeldCallsOptions> options)
{
    private readonly int _perPlayer = options.Value.HeldCallsPerPlayer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedList<HeldCall>> _calls = new(StringComparer.Ordinal);

    /// <summary>Counts a call until it is disposed. May end the oldest call of this player.</summary>
    public HeldCall Begin(string playerId)
    {
        var call = new HeldCall(this, playerId);
        HeldCall? oldest = null;
        lock (_gate)
        {
            if (!_calls.TryGetValue(playerId, out var calls))
            {
                _calls[playerId] = calls = [];
            }

            calls.AddLast(call);
            if (calls.Count > _perPlayer)
            {
                oldest = calls.First!.Value;
                calls.RemoveFirst();
            }
        }

        oldest?.End();
        return call;
    }

    internal void Remove(HeldCall call)
    {
        lock (_gate)
        {
            if (_calls.TryGetValue(call.PlayerId, out var calls) && calls.Remove(call) && calls.Count == 0)
            {
                _calls.Remove(call.PlayerId);
            }
        }
    }
}
