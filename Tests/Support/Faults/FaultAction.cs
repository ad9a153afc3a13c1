namespace GameStack.Tests.Support.Faults;

/// <summary>What happens to a backend at a step of a match's life.</summary>
public enum FaultAction
{
    /// <summary>It is gone at once, and notifies nobody (<c>SIGKILL</c>).</summary>
    Kill,

    /// <summary>It stands still with its connections open until it gets <c>SIGCONT</c> (<c>SIGSTOP</c>).</summary>
    Stop,
}
