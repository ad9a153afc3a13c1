using System.Net;
using System.Net.Sockets;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Matches;

namespace GameStack.GameServer.Game;

/// <summary>
/// The port that players connect to. It has its own thread, for two reasons: it keeps accepting connections however busy the
/// thread pool is, and <see cref="AcceptWaiting"/> can accept all clients that have connected so far at once, which an
/// asynchronous accept cannot promise.
/// </summary>
internal sealed class GamePort
{
    private const int Backlog = 4096;

    /// <summary>How many connections without a place may be open for a moment; few of the process's own descriptors.</summary>
    private const int MostDisplaced = 16;

    private static readonly TimeSpan AcceptErrorDelay = TimeSpan.FromMilliseconds(50);

    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly GamePlaces _places;
    private readonly Lock _gate = new();
    private bool _listening;

    public GamePort(IPEndPoint endPoint, int maxConnections, MatchLimits limits, TimeProvider time, StateLog log)
    {
        _places = new GamePlaces(maxConnections, time);
        _time = time;
        _listener = Sockets.Bind(endPoint);
        Match = new Match(limits, time, log, AcceptWaiting);
    }

    public Match Match { get; }

    public int Number => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Starts accepting connections. False when another process that had also bound this port was first to listen.</summary>
    /// <param name="players">How many players the match has.</param>
    public bool TryOpen(int players)
    {
        _places.Reserve(players, Match.Seats);
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

    /// <summary>Connections that lose their place are closed outside of the gate, and before they are too many for the process.</summary>
    private bool TryAcceptWaiting()
    {
        List<LineConnection> displaced = [];
        for (var accepted = 0; accepted < Backlog; displaced.Clear())
        {
            var isWell = true;
            lock (_gate)
            {
                while (isWell && displaced.Count < MostDisplaced && accepted++ < Backlog && _listener.Poll(0, SelectMode.SelectRead))
                {
                    isWell = TryAccept(displaced);
                }
            }

            foreach (var connection in displaced)
            {
                connection.Displace();
            }

            if (displaced.Count < MostDisplaced || !isWell)
            {
                return isWell;
            }
        }

        return true;
    }

    private bool TryAccept(List<LineConnection> displaced)
    {
        try
        {
            Admit(_listener.Accept(), displaced);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Admit(Socket socket, List<LineConnection> displaced)
    {
        var client = new GameClient(socket, _time, Match, _places);
        if (!_places.TryEnter(client, out var oldest))
        {
            client.Dispose();
            socket.Dispose();
            return;
        }

        if (oldest is not null)
        {
            displaced.Add(oldest);
        }

        socket.Blocking = false;
        if (client.Place == GamePlace.Door ? Match.State == MatchState.Stop : !Match.TryJoin(client))
        {
            client.TellStop();
        }

        client.Start();
    }
}
