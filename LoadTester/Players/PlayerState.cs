namespace GameStack.LoadTester.Players;

/// <summary>Where a player stands. The last three are for good.</summary>
internal enum PlayerState
{
    Joining,
    Waiting,
    Connecting,
    Playing,
    Ending,
    Ended,
    Failed,

    /// <summary>The run was interrupted before the player was through.</summary>
    Stopped,
}
