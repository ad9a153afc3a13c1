using System.Net;
using System.Net.Sockets;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// The connections whose tickets have not been accepted. They may have the places that no player has, and a few that players never have.
/// Where all of these are taken, the oldest makes room for a newcomer, so that strangers cannot keep players out by waiting. A newcomer
/// whose address has its share displaces the oldest of its own address, so that one address cannot keep others out by hurrying.
/// Thread-safe.
/// </summary>
/// <param name="players">The places of the players.</param>
/// <param name="reserve">How many connections may wait while players have all places; at least 1.</param>
/// <param name="mostPerAddress">The most connections of one address that may wait.</param>
/// <param name="share">What one address may have while all places are taken.</param>
internal sealed class Entrance(Slots players, int reserve, int mostPerAddress, AddressShare share)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiting> _all = [];

    /// <summary>Only networks with a connection that waits.</summary>
    private readonly Dictionary<IPNetwork, LinkedList<Waiting>> _byNetwork = [];

    /// <summary>Lets a connection wait until <see cref="TryLeave"/> or <see cref="Leave"/>.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="address">Its address; null for one without a limit of its own.</param>
    /// <param name="hasDisplaced">Whether another connection was closed for it.</param>
    public Waiting Enter(Socket socket, IPAddress? address, out bool hasDisplaced)
    {
        var newcomer = new Waiting(socket, address is null ? null : ClientNetwork.Around(address) ?? ClientNetwork.Of(address));
        Waiting? displaced;
        lock (_gate)
        {
            displaced = DisplacedBy(newcomer);
            if (displaced is not null)
                Remove(displaced);

            Add(newcomer);
        }

        displaced?.HangUp();
        hasDisplaced = displaced is not null;
        return newcomer;
    }

    /// <summary>Lets a connection leave to a player's place, which <paramref name="take"/> takes.</summary>
    /// <returns>False when it has been displaced, or there is no such place; it then waits on.</returns>
    public bool TryLeave(Waiting connection, Func<bool> take)
    {
        // In one step: otherwise a newcomer could displace a player who has its place already.
        lock (_gate)
        {
            if (!connection.IsHere || !take())
                return false;

            Remove(connection);
            return true;
        }
    }

    /// <summary>Does nothing when the connection has left already.</summary>
    public void Leave(Waiting connection)
    {
        lock (_gate)
        {
            if (connection.IsHere)
                Remove(connection);
        }
    }

    private Waiting? DisplacedBy(Waiting newcomer)
    {
        var places = players.Capacity - players.Taken + reserve;
        var isFull = _all.Count >= places;
        if (newcomer.Network is { } own && _byNetwork.TryGetValue(own.Addresses, out var neighbours))
        {
            var most = isFull ? Math.Min(mostPerAddress, share.Of(places)) : mostPerAddress;
            if (neighbours.Count >= (long)most * own.Shares)
                return neighbours.First!.Value;
        }

        return isFull ? _all.First!.Value : null;
    }

    private void Add(Waiting connection)
    {
        _all.AddLast(connection.InAll);
        if (connection.Network is not { } own)
            return;

        if (!_byNetwork.TryGetValue(own.Addresses, out var neighbours))
            _byNetwork.Add(own.Addresses, neighbours = []);

        neighbours.AddLast(connection.InNetwork);
    }

    private void Remove(Waiting connection)
    {
        _all.Remove(connection.InAll);
        if (connection.InNetwork.List is not { } neighbours)
            return;

        neighbours.Remove(connection.InNetwork);
        if (neighbours.Count == 0)
            _byNetwork.Remove(connection.Network!.Value.Addresses);
    }

    /// <summary>A connection that waits, or has waited.</summary>
    internal sealed class Waiting
    {
        private readonly Socket _socket;

        public Waiting(Socket socket, ClientNetwork? network)
        {
            (_socket, Network) = (socket, network);
            (InAll, InNetwork) = (new LinkedListNode<Waiting>(this), new LinkedListNode<Waiting>(this));
        }

        public ClientNetwork? Network { get; }

        public LinkedListNode<Waiting> InAll { get; }

        public LinkedListNode<Waiting> InNetwork { get; }

        public bool IsHere => InAll.List is not null;

        /// <summary>Ends the connection as if the client had: whatever reads from it, TLS or the first line, finds its end.</summary>
        public void HangUp()
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }
        }
    }
}
