using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Faults;

/// <summary>The one fault that the settings ask for.</summary>
internal sealed partial class SetFaultPoint(IOptions<FaultsOptions> options, TimeProvider time, ILogger<SetFaultPoint> logger) : IFaultPoints, IHostedService
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    private readonly FaultsOptions _options = options.Value;
    private int _reached;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Log.Set(logger, _options.Action, _options.Step!.Value, _options.After);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask ReachAsync(MatchStep step, CancellationToken cancellationToken)
    {
        if (step != _options.Step || Interlocked.Increment(ref _reached) is var times && times < _options.After)
        {
            return ValueTask.CompletedTask;
        }

        if (_options.Action == FaultAction.Delay)
        {
            return new ValueTask(Task.Delay(TimeSpan.FromMilliseconds(_options.DelayMilliseconds), time, cancellationToken));
        }

        if (times == _options.After)
        {
            // Not logged: what a line costs would move the fault away from its place.
            _ = Signal(Environment.ProcessId, _options.Action == FaultAction.Kill ? SigKill : SigStop);
        }

        return ValueTask.CompletedTask;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);

    private static partial class Log
    {
        [LoggerMessage(190, LogLevel.Warning, "THIS BACKEND IS SET TO FAIL: {Action} when a match is {Step}, time {After} (settings Faults:*)")]
        public static partial void Set(ILogger logger, FaultAction action, MatchStep step, int after);
    }
}
