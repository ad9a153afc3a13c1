namespace GameStack.LoadTester.Players;

/// <summary>The steps of a player's life, in order.</summary>
internal enum PlayerPhase
{
    /// <summary>From the first join call to the answer that puts the player in the queue or in a match.</summary>
    Join,

    /// <summary>From the first join call until the player knows its match.</summary>
    Match,

    /// <summary>From knowing the match to the game server's first line.</summary>
    Connect,

    /// <summary>From the game server's first line to <c>STATE stop</c>.</summary>
    Play,

    /// <summary>The call that ends the match.</summary>
    End,

    /// <summary>The call that takes a player without a match out of the queue.</summary>
    Leave,
}
