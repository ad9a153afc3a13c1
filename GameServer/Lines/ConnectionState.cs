using System.Net.Sockets;

namespace GameStack.GameServer.Lines;

/// <summary>
/// Whether a connection is open, and how it ends: with a farewell, when a time limit passes, or at once. Not thread-safe: the connection
/// holds its gate around every call.
/// </summary>
internal sealed class ConnectionState(Socket socket, TimeProvider time, IConnectionEvents events)
{
    /// <summary>
    /// How long a closing connection keeps reading. Closing a socket with unread input resets it, and the peer loses the last lines.
    /// </summary>
    public static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(1);

    private Phase _phase;
    private bool _isReported;
    private Deadline? _deadline;

    private enum Phase
    {
        Open,

        /// <summary>The last line is written; input is read and discarded.</summary>
        Closing,

        /// <summary>The last line is sent; the peer's close is awaited.</summary>
        Farewell,

        Closed,
    }

    public bool IsOpen => _phase == Phase.Open;

    /// <summary>Whether the last line is written and remains to be sent.</summary>
    public bool IsClosing => _phase == Phase.Closing;

    public bool IsClosed => _phase == Phase.Closed;

    /// <summary>True once: after the connection has closed.</summary>
    public bool TakeReport()
    {
        if (!IsClosed || _isReported)
        {
            return false;
        }

        return _isReported = true;
    }

    /// <summary>Drops the connection after the limit, unless it closes earlier; a later call replaces an earlier limit.</summary>
    public void DropAfter(TimeSpan limit)
    {
        if (IsClosed)
        {
            return;
        }

        _deadline ??= new Deadline(time, events.OnLimitTick);
        _deadline.Start(limit);
    }

    /// <summary>Removes the limit of <see cref="DropAfter"/>.</summary>
    public void RemoveLimit() => _deadline?.Stop();

    /// <summary>Ends the connection if its time limit has passed.</summary>
    public void CheckLimit()
    {
        if (IsClosed || _deadline is not { HasPassed: true })
        {
            return;
        }

        if (_phase == Phase.Farewell)
        {
            Close();
        }
        else
        {
            Drop();
        }
    }

    /// <summary>Call when the last line is written.</summary>
    public void BeginClosing()
    {
        if (IsOpen)
        {
            _phase = Phase.Closing;
        }
    }

    /// <summary>Call when the last line is sent: lets the peer read it and close.</summary>
    public void SayFarewell()
    {
        _phase = Phase.Farewell;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            DropAfter(FarewellLimit);
        }
        catch (SocketException)
        {
            // The peer has reset the connection in the meantime.
            Close();
        }
    }

    /// <summary>Closes without waiting for unsent bytes to be sent.</summary>
    public void Drop()
    {
        socket.Close(timeout: 0);
        Close();
    }

    /// <summary>Does nothing if the connection is closed.</summary>
    public void Close()
    {
        if (IsClosed)
        {
            return;
        }

        _phase = Phase.Closed;
        socket.Dispose();
        _deadline?.End();
    }
}
