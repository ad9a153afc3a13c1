using System.Net.Sockets;

namespace GameStack.GameServer.Lines;

/// <summary>
/// Sends lines over a socket. What the peer does not take at once waits here, up to a bound, and follows in pieces as the peer takes them.
/// Not thread-safe: the connection holds its gate around every call.
/// </summary>
internal sealed class LineSender(Socket socket, IConnectionEvents events) : IDisposable
{
    /// <summary>Small, so that a slow peer makes progress with each piece.</summary>
    public const int PieceBytes = 4096;

    /// <summary>
    /// What a peer may leave unread before it is dropped: the answers to one read, an announcement or two, and the longest line. Together
    /// with the longest line on the game port, it fills a buffer of the pool.
    /// </summary>
    public const int MaxUnsentBytes = 60 * 1024;

    private UnsentBytes _unsent;
    private Piece? _piece;

    /// <summary>Whether a piece waits for the peer to make room; <see cref="IConnectionEvents.OnPieceSent"/> follows.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Adds a line for the next <see cref="Flush"/>. False when the peer has left too much unread.</summary>
    public bool TryAdd(ReadOnlySpan<byte> line, int maxLineBytes)
    {
        if (_unsent.Length + line.Length > MaxUnsentBytes + maxLineBytes)
        {
            return false;
        }

        _unsent.Append(line);
        return true;
    }

    /// <summary>Sends what the socket takes; a piece of the rest then waits for the peer. False when the connection is lost.</summary>
    public bool Flush()
    {
        while (!IsWaiting && _unsent.Length > 0)
        {
            var count = socket.Send(_unsent.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                _unsent.Sent(count);
            }
            else if (error != SocketError.WouldBlock || !SendPiece())
            {
                return false;
            }
        }

        if (!IsWaiting)
        {
            _unsent.Clear();
        }

        return true;
    }

    /// <summary>Ends the wait of a piece. False when the piece could not be sent because the connection is lost.</summary>
    public bool FinishPiece()
    {
        IsWaiting = false;
        if (_piece!.SocketError != SocketError.Success)
        {
            return false;
        }

        _unsent.Sent(_piece.BytesTransferred);
        return true;
    }

    public void Dispose()
    {
        _unsent.Clear();
        _piece?.Dispose();
    }

    private bool SendPiece()
    {
        _piece ??= new Piece(events);
        _piece.Fill(_unsent.Span);
        IsWaiting = true;
        return socket.SendAsync(_piece) || FinishPiece();
    }

    /// <summary>A copy, so that the buffer may be changed or given back while the piece waits.</summary>
    private sealed class Piece(IConnectionEvents events) : SocketAsyncEventArgs(true)
    {
        private readonly byte[] _bytes = new byte[PieceBytes];

        public void Fill(ReadOnlySpan<byte> bytes)
        {
            var count = Math.Min(bytes.Length, PieceBytes);
            bytes[..count].CopyTo(_bytes);
            SetBuffer(_bytes, 0, count);
        }

        protected override void OnCompleted(SocketAsyncEventArgs e) => events.OnPieceSent();
    }
}
