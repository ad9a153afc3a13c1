using System.Net;
using System.Net.Sockets;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Control;

/// <summary>The port on which a fleet assigns this server its session.</summary>
internal sealed class ControlPort
{
    /// <summary>A fleet needs one connection for each backend that knows this server.</summary>
    public const int MaxConnections = 64;

    private static readonly TimeSpan AcceptErrorDelay = TimeSpan.FromMilliseconds(50);

    private readonly Socket _listener;
    private readonly IControlCredential _credential;
    private readonly SessionSlot _slot;
    private readonly Action _stop;
    private readonly TimeProvider _time;
    private readonly ControlPlaces _places;

    public ControlPort(IPEndPoint endPoint, IControlCredential credential, SessionSlot slot, Action stop, TimeProvider time)
    {
        (_credential, _slot, _stop, _time) = (credential, slot, stop, time);
        _places = new ControlPlaces(time);
        _listener = Sockets.Bind(endPoint);
        _listener.Listen();
    }

    public int Number => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Admit(await _listener.AcceptAsync());
            }
            catch (SocketException)
            {
                await Task.Delay(AcceptErrorDelay, _time);
            }
        }
    }

    private void Admit(Socket socket)
    {
        socket.Blocking = false;
        var connection = new ControlConnection(socket, _time, _credential, _slot, _stop, _places);
        if (!_places.TryEnter(connection, AddressCounts.KeyOf(socket)))
        {
            connection.Dispose();
            socket.Dispose();
            return;
        }

        connection.Start();
    }
}
