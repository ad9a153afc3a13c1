namespace GameStack.Proxy.Forwarding;

internal enum ForwardingFailureKind
{
    /// <summary>No backend has received any part of the call.</summary>
    NotSent,

    /// <summary>No backend has received any part of the call: this proxy has no connection left for it.</summary>
    NoConnection,

    /// <summary>No request to a backend can be made of the call.</summary>
    Unsendable,

    /// <summary>A backend may have received the call, but its answer did not arrive, or arrived broken.</summary>
    Broken,

    /// <summary>A backend has received the call but does not answer.</summary>
    TimedOut,

    /// <summary>The client disconnected or violated the protocol.</summary>
    Client,
}
