namespace GameStack.LoadTester.Run;

/// <summary>How a waiting player learns that its match is there.</summary>
public enum FollowMode
{
    /// <summary>Asks every half second, as a client does that knows nothing newer.</summary>
    Poll,

    /// <summary>Asks with <c>wait=20</c>: the answer comes when something changes.</summary>
    Wait,

    /// <summary>Holds one stream of server-sent events.</summary>
    Events,
}
