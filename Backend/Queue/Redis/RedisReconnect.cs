using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Makes the client reconnect when its server may no longer be the primary. After a failover the old primary often stays up
/// as a read-only replica, or as a primary without replicas, and the client stays with it: it asks for a server's role once a minute, and
/// resolves a name only when it connects. It also tells its password only then, and stays connected when the server refuses it.
/// </summary>
internal sealed class RedisReconnect(TimeProvider time)
{
    /// <summary>A Redis that stays read-only must not be flooded with connections.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly string[] NeedConnection =
        ["READONLY", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "LOADING", "NOAUTH", "WRONGPASS"];

    private readonly ConcurrentDictionary<(EndPoint, ConnectionType), Socket> _sockets = [];
    private long? _last;

    /// <summary>Remembers a socket that the client connects; each replaces the one before.</summary>
    public void Track(EndPoint endPoint, ConnectionType type, Socket socket) => _sockets[(endPoint, type)] = socket;

    /// <summary>
    /// Drops all connections if this error means that another server may be the primary, or that the server does not know this client, at
    /// most once in <see cref="Interval"/>. The client then connects at once, resolves names, and asks every server for its role.
    /// </summary>
    public void Failed(string error)
    {
        if (!NeedConnection.Any(code => RedisCall.HasCode(error, code)))
        {
            return;
        }

        lock (_sockets)
        {
            if (_last is { } last && time.GetElapsedTime(last) < Interval)
            {
                return;
            }

            _last = time.GetTimestamp();
        }

        foreach (var socket in _sockets.Values)
        {
            Drop(socket);
        }
    }

    private static void Drop(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is not connected.
        }
    }
}
