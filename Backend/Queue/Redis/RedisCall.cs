using System.Net.Sockets;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// One call of Redis. A connection that is torn down under a call shows itself in many ways, since up to 2.13 the client lets through whatever
/// its socket or its pipe throws (StackExchange.Redis#3167): here it is always a <see cref="RedisConnectionException"/>.
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
        catch (Exception e) when (IsTornDown(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RedisConnectionException(ConnectionFailureType.SocketClosed, CommandFlags.None, e.Message, e);
        }
    }

    /// <summary>InvalidOperationException is that of a pipe which was completed, or of a connection which was disposed of.</summary>
    private static bool IsTornDown(Exception e) => e is IOException or SocketException or InvalidOperationException;
}
