using System.Runtime.InteropServices;
using GameStack.Backend.Life;

namespace GameStack.Tests.Support.Faults;

/// <summary>Kills or stops its own process when a step of a match's life is reached for the given time.</summary>
/// <param name="step">The name of the step, such as <c>Claimed</c>.</param>
/// <param name="action">What happens.</param>
/// <param name="after">How many times the step is reached until it happens; 1 is the first time.</param>
internal sealed class FaultListener(string step, FaultAction action, int after) : IMatchListener
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    private int _reached;

    public void Hear(MatchStep reached)
    {
        if (reached.GetType().Name == step && Interlocked.Increment(ref _reached) == after)
        {
            _ = Signal(Environment.ProcessId, action == FaultAction.Kill ? SigKill : SigStop);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
