using System.Net.Sockets;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// One call of Redis. A call that Redis cut, refused or was too slow for is always a <see cref="DependencyUnavailableException"/>. A
/// connection that is torn down under a call shows itself in many more ways, since the client may let through whatever its socket or its
/// pipe throws (StackExchange.Redis#3167).
/// </summary>
internal static class RedisCall
{
    public static async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        try
        {
            return await call().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (IsFault(e) || IsTornDown(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DependencyUnavailableException("Redis", e.Message, e);
        }
    }

    private static bool IsFault(Exception e) => e is RedisException or RedisTimeoutException or RedisCommandException;

    /// <summary>InvalidOperationException is that of a pipe which was completed, or of a connection which was disposed of.</summary>
    private static bool IsTornDown(Exception e) => e is IOException or SocketException or InvalidOperationException;
}
