using System.Buffers;
using System.Net.Sockets;

namespace GameStack.GameServer.Lines;

/// <summary>
/// A socket that sends and receives lines. It is its own receive operation and its own work item, and it holds no buffer while its peer is
/// silent, so ten thousand idle connections cost no more than their sockets.
/// </summary>
/// <remarks>
/// Bounds: a line has at most <see cref="MaxLineBytes"/>. At most the answers to one read of <see cref="ReadBytes"/> wait for a peer to
/// take them, because nothing is read from a peer that does not read. A peer that takes less than <see cref="PieceBytes"/> in
/// <see cref="SlowReaderLimit"/> is dropped. After every read the connection goes to the end of the thread pool's queue, so that a flood on
/// one connection delays the others by only one read.
/// <para>
/// Every use of the socket and the handling of every line happen inside <see cref="_gate"/>, so answers and announcements never overtake
/// one another. <see cref="AfterLines"/> and <see cref="OnClosed"/> run outside the gate and may call other connections.
/// </para>
/// </remarks>
internal abstract class LineConnection(Socket socket, TimeProvider time) : SocketAsyncEventArgs(true), IThreadPoolWorkItem
{
    /// <summary>Small, because answers are up to eight times as long as the commands that ask for them.</summary>
    private const int ReadBytes = 4096;

    private const int PieceBytes = 4096;

    /// <summary>
    /// What a peer may leave unread before it is dropped: the answers to one read, an announcement or two, and the longest line.
    /// </summary>
    private const int MaxUnsentBytes = 64 * 1024;

    private static readonly TimeSpan SlowReaderLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a closing connection keeps reading. Closing a socket with unread input resets it, and the peer loses the last lines.
    /// </summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Phase _phase;
    private bool _closedReported;
    private bool _farewellSent;
    private bool _receivePending;

    private PartialLine _partialLine;
    private UnsentBytes _unsent;
    private SocketAsyncEventArgs? _sending;
    private bool _sendPending;
    private Deadline? _deadline;

    private enum Phase
    {
        Open,

        /// <summary>The last line is written; input is read and discarded until the peer closes.</summary>
        Closing,

        Closed,
    }

    /// <summary>The longest line in bytes, including its end; checked again for every line.</summary>
    protected abstract int MaxLineBytes { get; }

    protected TimeProvider Time => time;

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

    void IThreadPoolWorkItem.Execute() => OnReadable();

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

    /// <summary>Call only inside the gate. Ignored once the last line is written.</summary>
    protected void Write(ReadOnlySpan<byte> line)
    {
        if (_phase != Phase.Open)
        {
            return;
        }

        if (_unsent.Length + line.Length > MaxUnsentBytes + MaxLineBytes)
        {
            Drop();
            return;
        }

        _unsent.Append(line, _sendPending);
    }

    /// <summary>Call only inside the gate. The connection closes once this line is sent.</summary>
    protected void WriteLast(ReadOnlySpan<byte> line)
    {
        Write(line);
        if (_phase == Phase.Open)
        {
            _phase = Phase.Closing;
            _partialLine.Clear();
        }
    }

    /// <summary>Drops the connection after the limit, unless it closes earlier; a later call replaces an earlier limit.</summary>
    protected void DropAfter(TimeSpan limit)
    {
        lock (_gate)
        {
            StartDeadline(limit);
        }
    }

    /// <summary>Removes the limit of <see cref="DropAfter"/>; call only inside the gate.</summary>
    protected void KeepOpen() => _deadline?.Stop();

    private void OnReadable()
    {
        lock (_gate)
        {
            if (_phase != Phase.Closed)
            {
                ReadLines();
                Flush();
            }
        }

        AfterLines();

        lock (_gate)
        {
            _receivePending = false;
            if (!_sendPending)
            {
                Receive();
            }
        }

        ReportIfClosed();
    }

    /// <summary>Waits for input without a buffer. When input is already there, the connection queues up behind the others.</summary>
    private void Receive()
    {
        if (_phase == Phase.Closed || _receivePending)
        {
            return;
        }

        _receivePending = true;
        if (!socket.ReceiveAsync(this))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void ReadLines()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_partialLine.Length + ReadBytes);
        _partialLine.CopyTo(buffer);
        var count = socket.Receive(buffer.AsSpan(_partialLine.Length, ReadBytes), SocketFlags.None, out var error);
        if (error == SocketError.Success && count > 0)
        {
            if (_phase == Phase.Open)
            {
                TakeLines(buffer.AsSpan(0, _partialLine.Length + count));
            }
        }
        else if (error != SocketError.WouldBlock)
        {
            Close();
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void TakeLines(ReadOnlySpan<byte> input)
    {
        while (_phase == Phase.Open)
        {
            var end = input.IndexOf((byte)'\n');
            if ((end < 0 ? input.Length : end) >= MaxLineBytes)
            {
                OnLineTooLong();
                return;
            }

            if (end < 0)
            {
                _partialLine.Keep(input);
                return;
            }

            var line = input[..end];
            OnLine(line is [.., (byte)'\r'] ? line[..^1] : line);
            input = input[(end + 1)..];
        }
    }

    /// <summary>Sends what the socket takes at once; the rest follows as the peer takes it.</summary>
    private void Flush()
    {
        while (_phase != Phase.Closed && !_sendPending && _unsent.Length > 0)
        {
            var count = socket.Send(_unsent.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                SendLater();
            }
            else if (error == SocketError.Success)
            {
                _unsent.Sent(count);
            }
            else
            {
                Close();
            }
        }

        if (_phase == Phase.Closed || _sendPending)
        {
            return;
        }

        _unsent.Clear(isBeingSent: false);
        if (_phase == Phase.Closing && !_farewellSent)
        {
            SayFarewell();
        }
    }

    /// <summary>Sends the next piece as soon as the peer makes room. Pieces are small, so that each one counts as progress.</summary>
    private void SendLater()
    {
        if (_sending is null)
        {
            _sending = new SocketAsyncEventArgs(true);
            _sending.Completed += (_, _) => OnSent();
        }

        _sending.SetBuffer(_unsent.First(PieceBytes));
        _sendPending = true;
        StartDeadline(SlowReaderLimit);
        if (!socket.SendAsync(_sending))
        {
            FinishSending();
        }
    }

    private void OnSent()
    {
        lock (_gate)
        {
            FinishSending();
            Flush();
            if (!_sendPending)
            {
                Receive();
            }
        }

        ReportIfClosed();
    }

    private void FinishSending()
    {
        _sendPending = false;
        if (_phase == Phase.Closed)
        {
            return;
        }

        _deadline!.Stop();
        if (_sending!.SocketError == SocketError.Success)
        {
            _unsent.Sent(_sending.BytesTransferred);
        }
        else
        {
            Close();
        }
    }

    private void SayFarewell()
    {
        _farewellSent = true;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            StartDeadline(FarewellLimit);
        }
        catch (SocketException)
        {
            // The peer has reset the connection in the meantime.
            Close();
        }
    }

    private void StartDeadline(TimeSpan limit)
    {
        if (_phase == Phase.Closed)
        {
            return;
        }

        _deadline ??= new Deadline(time, OnDeadline);
        _deadline.Start(limit);
    }

    private void OnDeadline()
    {
        lock (_gate)
        {
            if (_phase == Phase.Closed || _deadline is not { HasPassed: true })
            {
                return;
            }

            if (_farewellSent)
            {
                Close();
            }
            else
            {
                Drop();
            }
        }

        ReportIfClosed();
    }

    /// <summary>Closes without waiting for unsent bytes to be sent.</summary>
    private void Drop()
    {
        socket.Close(timeout: 0);
        Close();
    }

    private void Close()
    {
        _phase = Phase.Closed;
        socket.Dispose();
        _deadline?.Dispose();
        _partialLine.Clear();
        _unsent.Clear(_sendPending);
    }

    private void ReportIfClosed()
    {
        if (_phase != Phase.Closed)
        {
            return;
        }

        lock (_gate)
        {
            if (_closedReported)
            {
                return;
            }

            _closedReported = true;
        }

        Dispose();
        _sending?.Dispose();
        OnClosed();
    }
}
