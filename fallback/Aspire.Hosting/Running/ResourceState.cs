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

    /// <summary>Ended by itself, with another exit code.</summary>
    Exited,

    /// <summary>Ended because it was told to.</summary>
    Stopped,
    FailedToStart,

    /// <summary>Not run: the machine cannot and the graph does without it, or somebody else runs it.</summary>
    LeftOut,
}
