using StackExchange.Redis;

namespace GameStack.Backend.Queue.Failover;

/// <summary>Decides whether this backend uses Redis or its own memory.</summary>
internal sealed class QueueSwitch
{
    private readonly IConnectionMultiplexer _connection;

    /// <summary>Whether Redis has been brought up to date since it was last unavailable.</summary>
    private volatile bool _returned;

    public QueueSwitch(IConnectionMultiplexer connection)
    {
        _connection = connection;

        // Needed even if Redis reconnects before any call checks the connection: it may be a different or an empty Redis.
        connection.ConnectionFailed += (_, _) => _returned = false;
    }

    public bool IsConnected => _connection.IsConnected;

    /// <summary>Whether Redis is available and up to date.</summary>
    public bool Redis
    {
        get
        {
            if (!IsConnected)
            {
                _returned = false;
            }

            return _returned;
        }
    }

    /// <summary>Redis is up to date.</summary>
    public void Returned() => _returned = true;
}
