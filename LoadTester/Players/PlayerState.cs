namespace GameStack.LoadTester.Players;

/// <summary>The state of a player. The last three states are final.</summary>
internal enum PlayerState
{
    Joining,
    Waiting,
    Connecting,
    Playing,
    Ending,
    Ended,
    Failed,

    /// <summary>The run was interrupted before the player had finished.</summary>
    Stopped,
}
