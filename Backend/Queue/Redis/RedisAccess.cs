using GameStack.Backend.Dependencies;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Whether Redis lets this backend in.</summary>
/// <param name="credentials">The names of the settings that have the user and the password.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the refusals.</param>
internal sealed class RedisAccess(string credentials, TimeProvider time, ILogger<RedisAccess> logger)
    : DependencyAccess("Redis", time, logger)
{
    /// <summary>The user may not run these commands.</summary>
    /// <param name="commands">Their names, such as <c>PUBLISH</c>.</param>
    /// <param name="said">The same in one sentence.</param>
    public void Forbidden(string commands, string said) =>
        Refused($"{commands} to the user of {credentials}", RedisCall.NoPermission, said);

    /// <summary>A call failed with this error of the server or of the client.</summary>
    public void Failed(string error)
    {
        if (RedisCall.FindRefusal(error) is { } code)
        {
            Refused(code == RedisCall.NoPermission ? $"a right to the user of {credentials}" : $"the user of {credentials}", code, error);
        }
        else if (RedisCall.FindCertificateError(error) is { } said)
        {
            Distrusted(said);
        }
        else
        {
            Failed();
        }
    }
}
