using System.Net.Sockets;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Runs one call to Redis. If Redis drops or refuses the call, or is too slow to answer it, the result is always a
/// <see cref="DependencyUnavailableException"/>. A connection that is torn down during a call shows up in many more ways, because the
/// client may pass on any exception of its socket or pipe (StackExchange.Redis#3167).
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

    /// <summary>An InvalidOperationException comes from a completed pipe or a disposed connection.</summary>
    private static bool IsTornDown(Exception e) => e is IOException or SocketException or InvalidOperationException;
}
