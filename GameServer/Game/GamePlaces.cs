using System.Net;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Seats;

namespace GameStack.GameServer.Game;

/// <summary>
/// How many connections the game port has room for. Where players have tickets, guests cannot take all of it: some places are only for
/// showing a ticket, and every seat has one of its own. Guests from one address may be as many as the match has players, or have a quarter
/// of the guests' places, unless they are local. Thread-safe.
/// </summary>
/// <param name="connections">The most connections at once.</param>
/// <param name="time">The clock.</param>
internal sealed class GamePlaces(int connections, TimeProvider time)
{
    /// <summary>How long a connection may take to show a ticket where it may do nothing else.</summary>
    public static readonly TimeSpan DoorLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly AddressCounts _guestsByAddress = new();
    private WaitingRoom? _door;
    private int _guestPlaces = connections;
    private int _mostGuestsPerAddress;
    private int _guests;

    /// <summary>Call before the port opens.</summary>
    /// <param name="players">How many players the match has.</param>
    /// <param name="seats">Their seats, if they have tickets.</param>
    public void Reserve(int players, SeatTable? seats)
    {
        if (seats is not null)
        {
            Reserve(seats);
        }

        _mostGuestsPerAddress = Math.Max(players, _guestPlaces / 4);
    }

    /// <summary>Gives a new connection a place. False when there is none.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="displaced">A connection that lost its place; the caller closes it with <see cref="LineConnection.Displace"/>.</param>
    public bool TryEnter(GameClient client, out LineConnection? displaced)
    {
        displaced = null;
        if (TryEnterAsGuest(client.Address))
        {
            client.Place = GamePlace.Guest;
            return true;
        }

        if (_door is null)
        {
            return false;
        }

        client.Place = GamePlace.Door;
        client.DoorPlace = _door.Enter(client, client.Address, out displaced);
        return true;
    }

    /// <summary>The connection has a seat now, and its former place is free.</summary>
    public void TakeSeat(GameClient client)
    {
        Exit(client);
        client.Place = GamePlace.Seat;
    }

    /// <summary>The connection is gone.</summary>
    public void Exit(GameClient client)
    {
        switch (client.Place)
        {
            case GamePlace.Guest:
                ExitAsGuest(client.Address);
                break;
            case GamePlace.Door:
                _door!.Leave(client.DoorPlace!);
                break;
        }
    }

    private void Reserve(SeatTable seats)
    {
        var rest = Math.Max(2, _guestPlaces - seats.Count);
        _guestPlaces = seats.IsRequired ? 0 : Math.Max(seats.Count, rest / 4 * 3);

        // Connections whose time is over take a second to close, up to a fifth of the places on top.
        var doorPlaces = Math.Max(1, (rest - _guestPlaces) / 6 * 5);
        _door = new WaitingRoom(() => doorPlaces, DoorLimit, time);
    }

    private bool TryEnterAsGuest(IPAddress address)
    {
        lock (_gate)
        {
            if (_guests >= _guestPlaces || (_guestsByAddress.Of(address) >= _mostGuestsPerAddress && !IsLocal(address)))
            {
                return false;
            }

            _guests++;
            _guestsByAddress.Add(address);
            return true;
        }
    }

    /// <summary>Local clients have no share, as at the proxy: a load test on one machine measures the server and not this limit.</summary>
    private static bool IsLocal(IPAddress address) =>
        address.Equals(IPAddress.Loopback) || address.Equals(AddressCounts.KeyOf(IPAddress.IPv6Loopback));

    private void ExitAsGuest(IPAddress address)
    {
        lock (_gate)
        {
            _guests--;
            _guestsByAddress.Remove(address);
        }
    }
}
