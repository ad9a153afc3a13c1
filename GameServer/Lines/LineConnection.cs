using System.Net.Sockets;

namespace GameStack.GameServer.Lines;

/// <summary>
/// A socket that sends and receives lines. It is its own receive operation and its own work item, and it holds no buffer while its peer is
/// silent, so ten thousand idle connections cost no more than their sockets.
/// </summary>
/// <remarks>
/// Bounds: a line has at most <see cref="MaxLineBytes"/>. At most the answers to one read wait for a peer to take them, because nothing is
/// read from a peer that does not read. A peer that takes less than one piece in <see cref="SlowReaderLimit"/> is dropped. After every read
/// the connection goes to the end of the thread pool's queue, so that a flood on one connection delays the others by only one read.
/// <para>
/// Every use of the socket and the handling of every line happen inside <see cref="_gate"/>, so answers and announcements never overtake
/// one another. <see cref="AfterLines"/> and <see cref="OnClosed"/> run outside the gate and may call other connections.
/// </para>
/// </remarks>
internal abstract class LineConnection : SocketAsyncEventArgs, IThreadPoolWorkItem, ILineHandler, IConnectionEvents
{
    private static readonly TimeSpan SlowReaderLimit = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly ConnectionState _state;
    private readonly LineSender _sender;
    private LineReader _reader;
    private bool _receivePending;

    protected LineConnection(Socket socket, TimeProvider time)
        : base(true)
    {
        _socket = socket;
        _state = new ConnectionState(socket, time, this);
        _sender = new LineSender(socket, this);
    }

    bool ILineHandler.WantsLines => _state.IsOpen;

    int ILineHandler.MaxLineBytes => MaxLineBytes;

    /// <inheritdoc cref="ILineHandler.MaxLineBytes"/>
    protected abstract int MaxLineBytes { get; }

    /// <summary>Whether the connection has not shown who it is, but must; read inside the gate.</summary>
    protected abstract bool IsStranger { get; }

    /// <summary>Starts reading.</summary>
    public void Start()
    {
        lock (_gate)
        {
            Receive();
        }

        ReportIfClosed();
    }

    /// <summary>Sends a line that no command asked for.</summary>
    public void Tell(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            Write(line);
            Flush();
        }

        ReportIfClosed();
    }

    /// <summary>Sends a last line and closes.</summary>
    public void TellAndClose(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            WriteLast(line);
            Flush();
        }

        ReportIfClosed();
    }

    /// <summary>
    /// Closes because the connection has lost its place to a newcomer: at once and without a word; the peer may see a reset. Does nothing
    /// to a connection that has shown meanwhile who it is.
    /// </summary>
    public void Displace()
    {
        lock (_gate)
        {
            if (IsStranger)
            {
                _state.Close();
            }
        }

        ReportIfClosed();
    }

    /// <summary>Closes because the time for showing who this is has passed, unless it has been shown at the last moment.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            if (IsStranger)
            {
                OnExpired();
                Flush();
            }
        }

        ReportIfClosed();
    }

    void IThreadPoolWorkItem.Execute() => OnReadable();

    void ILineHandler.OnLine(ReadOnlySpan<byte> line) => OnLine(line);

    void ILineHandler.OnLineTooLong() => OnLineTooLong();

    void IConnectionEvents.OnPieceSent()
    {
        lock (_gate)
        {
            if (!_state.IsClosed)
            {
                FinishPiece();
            }
        }

        ReportIfClosed();
    }

    void IConnectionEvents.OnLimitTick()
    {
        lock (_gate)
        {
            _state.CheckLimit();
        }

        ReportIfClosed();
    }

    protected sealed override void OnCompleted(SocketAsyncEventArgs e) => OnReadable();

    /// <summary>Handles one line without its end; called inside the gate.</summary>
    protected abstract void OnLine(ReadOnlySpan<byte> line);

    /// <summary>Called inside the gate for a line longer than <see cref="MaxLineBytes"/>; must end the connection.</summary>
    protected abstract void OnLineTooLong();

    /// <summary>Handles the effects that lines have outside this connection; never called concurrently.</summary>
    protected virtual void AfterLines()
    {
    }

    /// <summary>The connection is gone; called once.</summary>
    protected abstract void OnClosed();

    /// <summary>Called inside the gate when the time for showing who this is has passed; must end the connection.</summary>
    protected virtual void OnExpired() => _state.Close();

    /// <summary>Call only inside the gate. Ignored once the last line is written.</summary>
    protected void Write(ReadOnlySpan<byte> line)
    {
        if (_state.IsOpen && !_sender.TryAdd(line, MaxLineBytes))
        {
            _state.Drop();
        }
    }

    /// <summary>Call only inside the gate. The connection closes once this line is sent.</summary>
    protected void WriteLast(ReadOnlySpan<byte> line)
    {
        Write(line);
        _state.BeginClosing();
        _reader.Clear();
    }

    private void OnReadable()
    {
        lock (_gate)
        {
            if (!_state.IsClosed)
            {
                if (!_reader.Read(_socket, this))
                {
                    _state.Close();
                }

                Flush();
            }
        }

        AfterLines();

        lock (_gate)
        {
            _receivePending = false;
            Receive();
        }

        ReportIfClosed();
    }

    /// <summary>Waits for input without a buffer. When input is already there, the connection queues up behind the others.</summary>
    private void Receive()
    {
        if (_state.IsClosed || _receivePending || _sender.IsWaiting)
        {
            return;
        }

        _receivePending = true;
        if (!_socket.ReceiveAsync(this))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Sends what the socket takes at once; the rest follows as the peer takes it.</summary>
    private void Flush()
    {
        if (_state.IsClosed || _sender.IsWaiting)
        {
            return;
        }

        if (!_sender.Flush())
        {
            _state.Close();
        }
        else if (_sender.IsWaiting)
        {
            _state.DropAfter(SlowReaderLimit);
        }
        else if (_state.IsClosing)
        {
            _state.SayFarewell();
        }
    }

    private void FinishPiece()
    {
        _state.RemoveLimit();
        if (_sender.FinishPiece())
        {
            Flush();
            Receive();
        }
        else
        {
            _state.Close();
        }
    }

    private void ReportIfClosed()
    {
        // Outside the gate: Start is called by the thread that accepts, and a request inside the gate waits until all are accepted.
        if (!_state.IsClosed)
        {
            return;
        }

        lock (_gate)
        {
            if (!_state.TakeReport())
            {
                return;
            }

            _reader.Clear();
            _sender.Dispose();
        }

        Dispose();
        OnClosed();
    }
}
