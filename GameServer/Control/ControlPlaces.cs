using System.Net;
using System.Net.Sockets;
using GameStack.GameServer.Lines;

namespace GameStack.GameServer.Control;

/// <summary>
/// The connections that the control port has room for. Those that have not authenticated may have all that the fleet's do not have.
/// </summary>
internal sealed class ControlPlaces
{
    private static readonly TimeSpan AuthLimit = TimeSpan.FromSeconds(10);

    private readonly WaitingRoom _waiting;
    private int _authenticated;

    public ControlPlaces(TimeProvider time) =>
        _waiting = new WaitingRoom(() => ControlPort.MaxConnections - Volatile.Read(ref _authenticated), AuthLimit, time);

    /// <summary>False when the fleet itself has all connections.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="address">See <see cref="AddressCounts.KeyOf(Socket)"/>.</param>
    public bool TryEnter(ControlConnection connection, IPAddress address)
    {
        if (Volatile.Read(ref _authenticated) >= ControlPort.MaxConnections)
        {
            return false;
        }

        connection.WaitingPlace = _waiting.Enter(connection, address, out var displaced);
        displaced?.Displace();
        return true;
    }

    public void Authenticate(ControlConnection connection)
    {
        Interlocked.Increment(ref _authenticated);
        _waiting.Leave(connection.WaitingPlace!);
    }

    public void Exit(ControlConnection connection, bool wasAuthenticated)
    {
        _waiting.Leave(connection.WaitingPlace!);
        if (wasAuthenticated)
        {
            Interlocked.Decrement(ref _authenticated);
        }
    }
}
