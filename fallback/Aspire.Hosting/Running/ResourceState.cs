namespace Aspire.Hosting.Running;

internal enum ResourceState
{
    NotStarted,
    Waiting,
    Starting,
    Running,
    Unhealthy,
    Stopping,

    /// <summary>Ended by itself, with exit code 0.</summary>
    Finished,

    /// <summary>Ended by somebody else, or with another exit code.</summary>
    Exited,
    FailedToStart,

    /// <summary>Not on this machine, and the graph does without it.</summary>
    LeftOut,
}
