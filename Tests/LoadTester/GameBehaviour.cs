namespace GameStack.Tests.LoadTester;

/// <summary>What the stand-in game server does.</summary>
public enum GameBehaviour
{
    /// <summary>As the contract says; it stops once every player of the match has requested it.</summary>
    Play,

    /// <summary>Nobody listens on the address that is given out.</summary>
    Refuse,

    CloseAtOnce,

    CloseBeforeStop,

    AnswerUnknown,

    StopWithoutRunning,

    /// <summary>Takes the connection and says nothing.</summary>
    SayNothing,

    /// <summary>A line that never ends.</summary>
    FloodOneLine,

    /// <summary>Speaks with <c>\r\n</c>, and more lines than a client knows, several in one packet.</summary>
    PlayVerbosely,
}
