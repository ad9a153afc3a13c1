namespace GameStack.GameServer.Game;

/// <summary>What a connection to the game port may do.</summary>
internal enum GamePlace
{
    /// <summary>Everything that the wire contract says, without a ticket.</summary>
    Guest,

    /// <summary>Nothing but showing a ticket.</summary>
    Door,

    /// <summary>The connection has a player's seat.</summary>
    Seat,
}
