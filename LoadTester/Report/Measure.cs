namespace GameStack.LoadTester.Report;

/// <summary>What is measured of a player; the first five are its phases.</summary>
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
