namespace GameStack.LoadTester.Run;

/// <summary>How a matched player reaches its game server.</summary>
internal enum PlayThrough
{
    /// <summary>At the address that the match names.</summary>
    Direct,

    /// <summary>Through the gateway's TCP port. Needs a ticket.</summary>
    Gateway,

    /// <summary>Through the proxy's WebSocket, <c>/play</c>. Needs a ticket.</summary>
    WebSocket,
}
