namespace GameStack.Proxy.Forwarding;

internal enum ForwardingFailureKind
{
    /// <summary>No backend has seen anything of the call.</summary>
    NotSent,

    /// <summary>A backend may have seen the call, and its answer did not come, or came broken.</summary>
    Broken,

    /// <summary>A backend has the call and does not answer.</summary>
    TimedOut,

    /// <summary>It was the client that went away or did not keep to the protocol.</summary>
    Client,
}
