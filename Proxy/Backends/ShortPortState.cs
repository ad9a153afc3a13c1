namespace GameStack.Proxy.Backends;

internal enum ShortPortState
{
    /// <summary>It has not been tried.</summary>
    Unknown,

    /// <summary>It answered when it was tried, and no call has failed to connect since.</summary>
    Open,

    /// <summary>It did not answer.</summary>
    Closed,
}
