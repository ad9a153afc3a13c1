namespace GameStack.LoadTester.Report;

/// <summary>What is measured for each player. The first five are the player's phases.</summary>
internal enum Measure
{
    Join,
    Match,
    Connect,
    Play,
    End,

    /// <summary>From the first join call to the game server's first line.</summary>
    JoinToConnected,
}
