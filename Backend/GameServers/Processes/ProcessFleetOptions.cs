using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>The settings of the section <c>GameServers</c> that only the fleet Process uses.</summary>
internal sealed class ProcessFleetOptions
{
    /// <summary>The path of the game server program that child processes run.</summary>
    [ExistingFile]
    public string? Program { get; set; }

    /// <summary>
    /// How many servers to keep on standby, at least, so that a match need not wait for one to start; 0 for none. <see cref="StandbySize"/>
    /// says when there are more.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int Standby { get; set; } = 16;

    /// <summary>
    /// The maximum number of servers at any time, including those on standby. Not more than a quarter of the limit of open files allows.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxServers { get; set; } = 1000;

    /// <summary>How long a process may take to become ready.</summary>
    [Duration]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a server that was told to stop may take before it is killed.</summary>
    [Duration]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stopping backend waits for the matches that its child processes play, in seconds. Then it ends the matches that still
    /// run, which notifies their players. 30, or 0 in Development, where Ctrl+C should be quick.
    /// </summary>
    [Range(0, 86_400)]
    public double DrainSeconds { get; set; } = 30;

    /// <summary>The pipes of a child process: its input, its output and its errors.</summary>
    internal const int DescriptorsPerServer = 3;

    /// <summary>A quarter of this process's descriptors is for child processes.</summary>
    internal static int MostServers => Math.Max(1, DescriptorLimit.Value / 4 / DescriptorsPerServer);

    internal TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds);
}
