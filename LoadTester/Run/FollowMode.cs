namespace GameStack.LoadTester.Run;

/// <summary>How a waiting player learns about its match.</summary>
internal enum FollowMode
{
    /// <summary>Asks every half second, like a client that supports nothing newer.</summary>
    Poll,

    /// <summary>Asks with <c>wait=20</c>: the server answers when something changes.</summary>
    Wait,

    /// <summary>Keeps one stream of server-sent events open.</summary>
    Events,
}
