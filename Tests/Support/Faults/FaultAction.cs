namespace GameStack.Backend.Faults;

/// <summary>What happens to the process at a fault point.</summary>
public enum FaultAction
{
    /// <summary>It is gone at once, and tells nobody (<c>SIGKILL</c>).</summary>
    Kill,

    /// <summary>It stands still, its connections open, until somebody lets it go on (<c>SIGSTOP</c>, <c>SIGCONT</c>).</summary>
    Stop,

    /// <summary>The step takes longer, every time from then on.</summary>
    Delay,
}
