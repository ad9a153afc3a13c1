namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Keeps a Redis from being used that refuses one of the queue's commands to this backend's user. Other commands succeed meanwhile, so
/// their success proves nothing: without this check, Redis would be usable and not usable in turn.
/// </summary>
internal sealed class RedisRights(RedisScriptRunner scripts, RedisState state, TimeProvider time)
{
    /// <summary>
    /// How long Redis is not used after a refusal that the check does not explain: the user lacks a right to certain keys, or Redis cannot
    /// tell. Then only another try can show whether the right is there.
    /// </summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>Whether the last check failed, so that the next one that succeeds shows that the right is there again.</summary>
    private bool _isExplained;

    /// <exception cref="DependencyUnavailableException">The user lacks a right, or Redis is unavailable.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        string?[] forbidden;
        try
        {
            forbidden = (string?[]?)await scripts.ProbeAsync(RedisScripts.Rights, cancellationToken) ?? [];
        }
        catch (DependencyUnavailableException e) when (RedisCall.FindRefusal(e.Message) == RedisCall.NoPermission)
        {
            _isExplained = true;
            state.Access.Failed(e.Message);
            throw;
        }

        if (forbidden.Length > 0)
        {
            _isExplained = true;
            throw Refused(string.Join(", ", forbidden));
        }

        if (!_isExplained && state.RefusedAt is { } refusedAt && time.GetElapsedTime(refusedAt) < Pause)
        {
            var reason = state.Reason ?? "";
            state.Access.Failed(reason);
            throw new DependencyUnavailableException("Redis", reason);
        }

        _isExplained = false;
        state.RightsGranted();
    }

    private DependencyUnavailableException Refused(string commands)
    {
        var error = $"{RedisCall.NoPermission} The user may not run {commands}, which the queue's scripts need.";
        state.Refused(error);
        state.Access.Forbidden(commands, error);
        return new DependencyUnavailableException("Redis", error);
    }
}
