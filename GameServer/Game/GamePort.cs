using System.Net;
using System.Net.Sockets;
using GameStack.GameServer.Control;
using GameStack.GameServer.Matches;

namespace GameStack.GameServer.Game;

/// <summary>
/// The port that players connect to. It has its own thread, for two reasons: it keeps accepting connections however busy the
/// thread pool is, and <see cref="AcceptWaiting"/> can accept all clients that have connected so far at once, which an
/// asynchronous accept cannot promise.
/// </summary>
internal sealed class GamePort
{
    private const int MaxConnections = 10_000;

    /// <summary>
    /// The descriptors that the process keeps for itself and for its control port: a runtime that runs out of descriptors may fail
    /// anywhere.
    /// </summary>
    private const int ReservedDescriptors = 64 + ControlPort.MaxConnections;

    /// <summary>With fewer, a server is of no use and does not start.</summary>
    public const int FewestDescriptors = ReservedDescriptors + 32;

    private const int Backlog = 4096;

    /// <summary>The kernel's buffer for a connection that does not read, and for one that is not read from.</summary>
    private const int SocketBufferBytes = 64 * 1024;

    private static readonly TimeSpan AcceptErrorDelay = TimeSpan.FromMilliseconds(50);

    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly int _maxConnections;
    private readonly Action _onClosed;
    private readonly Lock _gate = new();
    private bool _listening;
    private int _connections;

    public GamePort(IPEndPoint endPoint, int maxDescriptors, MatchLimits limits, TimeProvider time, StateLog log)
    {
        _maxConnections = Math.Min(MaxConnections, maxDescriptors - ReservedDescriptors);
        _time = time;
        _onClosed = () => Interlocked.Decrement(ref _connections);
        _listener = Sockets.Bind(endPoint);
        _listener.SendBufferSize = SocketBufferBytes;
        _listener.ReceiveBufferSize = SocketBufferBytes;
        Match = new Match(limits, time, log, AcceptWaiting);
    }

    public Match Match { get; }

    public int Number => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Starts accepting connections. False when another process that had also bound this port was first to listen.</summary>
    public bool TryOpen()
    {
        try
        {
            _listener.Listen(Backlog);
        }
        catch (SocketException)
        {
            return false;
        }

        _listener.Blocking = false;
        _listening = true;
        new Thread(AcceptLoop, maxStackSize: 128 * 1024) { IsBackground = true, Name = "accept" }.Start();
        return true;
    }

    /// <summary>Accepts all clients that have connected so far.</summary>
    public void AcceptWaiting()
    {
        if (Volatile.Read(ref _listening))
        {
            TryAcceptWaiting();
        }
    }

    private void AcceptLoop()
    {
        while (Match.State != MatchState.Stop)
        {
            if (!_listener.Poll(Timeout.Infinite, SelectMode.SelectRead) || !TryAcceptWaiting())
            {
                // The machine is out of descriptors or memory, so waiting clients keep waiting.
                Thread.Sleep(AcceptErrorDelay);
            }
        }
    }

    private bool TryAcceptWaiting()
    {
        lock (_gate)
        {
            for (var i = 0; i < Backlog && _listener.Poll(0, SelectMode.SelectRead); i++)
            {
                try
                {
                    Admit(_listener.Accept());
                }
                catch (SocketException)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void Admit(Socket socket)
    {
        if (Volatile.Read(ref _connections) >= _maxConnections)
        {
            socket.Dispose();
            return;
        }

        socket.Blocking = false;
        Interlocked.Increment(ref _connections);
        var client = new GameClient(socket, _time, Match, _onClosed);
        if (!Match.TryJoin(client))
        {
            client.TellStop();
        }

        client.Start();
    }
}
