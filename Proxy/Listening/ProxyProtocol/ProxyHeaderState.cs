namespace GameStack.Proxy.Listening.ProxyProtocol;

internal enum ProxyHeaderState
{
    /// <summary>These bytes may be the beginning of a header.</summary>
    Incomplete,

    /// <summary>No header begins with these bytes.</summary>
    Malformed,

    /// <summary>These bytes begin with a whole header.</summary>
    Complete,
}
