using System.Runtime.InteropServices;
using GameStack.Backend.Life;

namespace GameStack.Tests.Support.Faults;

/// <summary>Kills or stops its own process when a step of a match's life is reached for the given time.</summary>
/// <param name="step">The step.</param>
/// <param name="action">What happens.</param>
/// <param name="after">How many times the step is reached until it happens; 1 is the first time.</param>
internal sealed class FaultListener(MatchStep step, FaultAction action, int after) : IMatchLifeListener
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    private int _reached;

    public ValueTask OnReachedAsync(MatchStep reached, CancellationToken cancellationToken)
    {
        if (reached == step && Interlocked.Increment(ref _reached) == after)
        {
            _ = Signal(Environment.ProcessId, action == FaultAction.Kill ? SigKill : SigStop);
        }

        return ValueTask.CompletedTask;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
